/**
 * The objectives that compare views, over the outputs z [2B, P] of a batch: rows i and i + B are the two views of an image. Loss and gradient by hand,
 * in float64; formulas in the contract, the same eps in every engine.
 */
import type { Objective } from './contract.ts';

/** Added to |z|², so that a projection of zeros has a direction and a gradient. */
export const LENGTH_EPSILON = 1e-8;
/** Added to a variance under VICReg's root. */
export const VARIANCE_EPSILON = 1e-4;

export interface ViewLoss {
  /** Not finite where z is not. */
  nll: number;
  /** Share of views whose partner is the nearest; 0 under VICReg. */
  accuracy: number;
}

/** The loss of z [2B, P], its gradient written to dz [2B, P]. */
export type LossOfViews = (z: Float32Array, dz: Float32Array) => ViewLoss;

/** Images a step forwards: two views each under an objective. Throws RangeError for chains or a batch that no objective is defined for. */
export function imagesOf({ objective, augmentation, chains, batch }: { objective?: Objective; augmentation: unknown; chains: readonly { frozen: boolean; frozenHead?: boolean; indices: Uint32Array }[]; batch: number }, rows: number): number {
  const images = Math.min(batch, rows);
  if (!objective) return images;
  if (augmentation !== null) throw new RangeError('Views take the place of augmentation.');
  if (chains.some(({ frozen, frozenHead }) => frozen || frozenHead)) throw new RangeError('An objective of views trains extractor and head.');
  if (images < 2) throw new RangeError('An objective of views needs two images a batch.');
  return 2 * images;
}

/** Made once for batches of `images` = 2B views and P = `width` outputs. */
export function lossOfViews(objective: Objective, images: number, width: number): LossOfViews {
  switch (objective.kind) {
    case 'nt-xent': return ntXent(objective.temperature, images, width);
    case 'vicreg': return vicReg(objective, images, width);
    default: return objective satisfies never;
  }
}

/**
 * With u = z/|z|, s_ij = u_i·u_j: loss = mean over i of log Σ_{j≠i} exp(s_ij/τ) − s_i,p(i)/τ. As s is symmetric,
 *   du_i = Σ_{j≠i} w_ij u_j/(2Bτ),  w_ij = softmax_i(j) + softmax_j(i) − 2[j = p(i)],  dz_i = (du_i − u_i(u_i·du_i))/|z_i|
 */
function ntXent(temperature: number, images: number, width: number): LossOfViews {
  const u = new Float64Array(images * width);
  const inverse = new Float64Array(images);
  const cosine = new Float64Array(images * images);
  const level = new Float64Array(images);
  const pull = new Float64Array(width);
  return (z, dz) => {
    for (let i = 0; i < images; i++) {
      let square = LENGTH_EPSILON;
      for (let k = 0; k < width; k++) square += z[i * width + k]! ** 2;
      inverse[i] = 1 / Math.sqrt(square);
      for (let k = 0; k < width; k++) u[i * width + k] = z[i * width + k]! * inverse[i]!;
    }
    for (let i = 0; i < images; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k < width; k++) sum += u[i * width + k]! * u[j * width + k]!;
        cosine[i * images + j] = cosine[j * images + i] = sum;
      }
    }
    let nll = 0;
    let nearest = 0;
    for (let i = 0; i < images; i++) {
      const own = partner(i, images);
      let sum = 0;
      let best = own;
      for (let j = 0; j < images; j++) {
        if (j === i) continue;
        const s = cosine[i * images + j]!;
        // No cosine is above 1: nothing overflows, and no maximum is looked for first.
        sum += Math.exp((s - 1) / temperature);
        if (s > cosine[i * images + best]!) best = j;
      }
      level[i] = Math.log(sum) + 1 / temperature;
      nll += level[i]! - cosine[i * images + own]! / temperature;
      if (best === own) nearest++;
    }
    for (let i = 0; i < images; i++) {
      const own = partner(i, images);
      pull.fill(0);
      let along = 0;
      for (let j = 0; j < images; j++) {
        if (j === i) continue;
        const s = cosine[i * images + j]!;
        const w = Math.exp(s / temperature - level[i]!) + Math.exp(s / temperature - level[j]!) - (j === own ? 2 : 0);
        for (let k = 0; k < width; k++) pull[k]! += w * u[j * width + k]!;
        along += w * s;
      }
      const gain = inverse[i]! / (temperature * images);
      for (let k = 0; k < width; k++) dz[i * width + k] = gain * (pull[k]! - along * u[i * width + k]!);
    }
    return { nll: nll / images, accuracy: nearest / images };
  };
}

/**
 * With x = z − its view's mean, C = xᵀx/(B − 1) by view and σ_k = √(C_kk + eps): loss = mean of (z − z′)²
 *   + variance·Σ over views of Σ_k max(0, 1 − σ_k)/(2P) + covariance·Σ over views of Σ_{j≠k} C_jk²/P
 */
function vicReg({ variance, covariance }: { variance: number; covariance: number }, images: number, width: number): LossOfViews {
  const half = images / 2;
  const x = new Float64Array(images * width);
  const c = new Float64Array(width * width);
  return (z, dz) => {
    let loss = 0;
    for (let i = 0; i < images; i++) {
      const other = partner(i, images);
      for (let k = 0; k < width; k++) {
        const gap = z[i * width + k]! - z[other * width + k]!;
        loss += (gap * gap) / (images * width);
        dz[i * width + k] = (2 * gap) / (half * width);
      }
    }
    for (let view = 0; view < 2; view++) {
      const [from, to] = [view * half, (view + 1) * half];
      for (let k = 0; k < width; k++) {
        let mean = 0;
        for (let i = from; i < to; i++) mean += z[i * width + k]! / half;
        for (let i = from; i < to; i++) x[i * width + k] = z[i * width + k]! - mean;
      }
      for (let j = 0; j < width; j++) {
        for (let k = 0; k <= j; k++) {
          let sum = 0;
          for (let i = from; i < to; i++) sum += x[i * width + j]! * x[i * width + k]!;
          c[j * width + k] = c[k * width + j] = sum / (half - 1);
        }
      }
      for (let k = 0; k < width; k++) {
        const deviation = Math.sqrt(c[k * width + k]! + VARIANCE_EPSILON);
        const short = deviation < 1 ? variance / (2 * width * (half - 1) * deviation) : 0;
        // A deviation that is no number is not below 1 either, and the loss has to show it.
        loss += (variance * (deviation >= 1 ? 0 : 1 - deviation)) / (2 * width);
        for (let j = 0; j < width; j++) if (j !== k) loss += (covariance * c[j * width + k]! ** 2) / width;
        for (let i = from; i < to; i++) {
          let mixed = 0;
          for (let j = 0; j < width; j++) if (j !== k) mixed += x[i * width + j]! * c[j * width + k]!;
          dz[i * width + k]! += ((4 * covariance) / (width * (half - 1))) * mixed - short * x[i * width + k]!;
        }
      }
    }
    return { nll: loss, accuracy: 0 };
  };
}

function partner(i: number, images: number): number {
  return (i + images / 2) % images;
}
