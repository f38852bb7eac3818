/** For tests of engines: a network in float64 by the plainest loops, straight from the definitions. Tensors are [B, H, W, C]. */
import { type Architecture, type Layer, type LayerOf, NORM_EPSILON } from '../../model/architecture.ts';
import { headLayers } from '../../model/build.ts';
import { numbersOf, outputSize, type Size } from '../../model/size.ts';
import type { Objective } from '../contract.ts';
import { LENGTH_EPSILON, VARIANCE_EPSILON } from '../view-losses.ts';

interface Reading {
  theta: Float64Array;
  /** Where the next parameters lie: layers are read in the order of the parameter table. */
  at: number;
  batch: number;
  /** What the extractor's layers made of x, and its size, by their number. */
  maps: { values: Float64Array; size: Size }[];
}

/** logits [B, C] ([B, H, W, C] behind a decoder) from x [B, H, W, C]; theta [D + H] in PyTorch's layout. */
export function referenceLogits(architecture: Architecture, theta: Float64Array, x: ArrayLike<number>, batch: number): Float64Array {
  const reading: Reading = { theta, at: 0, batch, maps: [{ values: Float64Array.from(x), size: architecture.input }] };
  for (const layer of architecture.extractor) {
    const { values, size } = reading.maps.at(-1)!;
    reading.maps.push({ values: layerOf(layer, values, size, reading), size: outputSize(layer, size) });
  }
  const { values, size } = reading.maps.at(-1)!;
  return chained(headLayers(architecture), values, size, reading);
}

function chained(layers: readonly Layer[], x: Float64Array, input: Size, reading: Reading): Float64Array {
  let values = x;
  let size = input;
  for (const layer of layers) {
    values = layerOf(layer, values, size, reading);
    size = outputSize(layer, size);
  }
  return values;
}

function layerOf(layer: Layer, x: Float64Array, input: Size, reading: Reading): Float64Array {
  switch (layer.kind) {
    case 'conv': return convolved(layer, x, input, reading);
    case 'dense': return dense(layer, x, reading);
    case 'group-norm': return groupNormed(layer, x, input, reading);
    case 'residual': {
      const body = chained(layer.body, x, input, reading);
      const shortcut = chained(layer.shortcut, x, input, reading);
      return body.map((value, i) => Math.max(0, value + shortcut[i]!));
    }
    case 'merge': {
      const branches = layer.branches.map(({ from, layers }) => {
        const { values, size } = from === null ? { values: x, size: input } : reading.maps[from]!;
        return chained(layers, values, size, reading);
      });
      return branches[0]!.map((_, i) => {
        const sum = branches.reduce((total, branch) => total + branch[i]!, 0);
        return layer.relu ? Math.max(0, sum) : sum;
      });
    }
    case 'upsample': return upsampled(layer, x, input, reading.batch);
    case 'global-average-pool': {
      const { height, width, channels } = input;
      const out = new Float64Array(reading.batch * channels);
      x.forEach((value, i) => {
        out[Math.floor(i / numbersOf(input)) * channels + (i % channels)]! += value / (height * width);
      });
      return out;
    }
    case 'flatten': return x;
    default: return layer satisfies never;
  }
}

function convolved(layer: LayerOf<'conv'>, x: Float64Array, input: Size, reading: Reading): Float64Array {
  const { inputs, outputs, kernel, stride, padding, relu, bias: biased, dilation = 1 } = layer;
  const { theta, at, batch } = reading;
  const { height, width } = input;
  const { height: oh, width: ow } = outputSize(layer, input);
  const bias = at + outputs * inputs * kernel * kernel;
  reading.at = bias + (biased ? outputs : 0);
  return new Float64Array(batch * oh * ow * outputs).map((_, i) => {
    const o = i % outputs;
    const ox = Math.floor(i / outputs) % ow;
    const oy = Math.floor(i / (outputs * ow)) % oh;
    const b = Math.floor(i / (outputs * ow * oh));
    let sum = biased ? theta[bias + o]! : 0;
    for (let c = 0; c < inputs; c++) {
      for (let ky = 0; ky < kernel; ky++) {
        for (let kx = 0; kx < kernel; kx++) {
          const iy = oy * stride - padding + ky * dilation;
          const ix = ox * stride - padding + kx * dilation;
          if (iy < 0 || ix < 0 || iy >= height || ix >= width) continue;
          sum += theta[at + ((o * inputs + c) * kernel + ky) * kernel + kx]! * x[((b * height + iy) * width + ix) * inputs + c]!;
        }
      }
    }
    return relu ? Math.max(0, sum) : sum;
  });
}

function dense({ inputs, outputs, relu }: LayerOf<'dense'>, x: Float64Array, reading: Reading): Float64Array {
  const { theta, at, batch } = reading;
  reading.at += inputs * outputs + outputs;
  return new Float64Array(batch * outputs).map((_, i) => {
    const [b, o] = [Math.floor(i / outputs), i % outputs];
    let sum = theta[at + inputs * outputs + o]!;
    for (let k = 0; k < inputs; k++) sum += theta[at + o * inputs + k]! * x[b * inputs + k]!;
    return relu ? Math.max(0, sum) : sum;
  });
}

function groupNormed({ channels, groups, relu }: LayerOf<'group-norm'>, x: Float64Array, input: Size, reading: Reading): Float64Array {
  const { theta, at, batch } = reading;
  reading.at += 2 * channels;
  const size = numbersOf(input);
  const groupAt = (i: number): number => Math.floor(((i % channels) * groups) / channels);
  const out = new Float64Array(x.length);
  for (let b = 0; b < batch; b++) {
    for (let g = 0; g < groups; g++) {
      const own = Array.from({ length: size }, (_, i) => b * size + i).filter((i) => groupAt(i) === g);
      const mean = own.reduce((sum, i) => sum + x[i]!, 0) / own.length;
      const variance = own.reduce((sum, i) => sum + (x[i]! - mean) ** 2, 0) / own.length;
      for (const i of own) {
        const value = ((x[i]! - mean) / Math.sqrt(variance + NORM_EPSILON)) * theta[at + (i % channels)]! + theta[at + channels + (i % channels)]!;
        out[i] = relu ? Math.max(0, value) : value;
      }
    }
  }
  return out;
}

/** An objective of views over z [2B, P], straight from its paper: NT-Xent equation 1, VICReg equations 1–6 with the weights and eps of the contract. */
export function referenceViewLoss(objective: Objective, z: Float64Array, images: number): { nll: number; accuracy: number } {
  const width = z.length / images;
  const half = images / 2;
  const row = (i: number): Float64Array => z.subarray(i * width, (i + 1) * width);
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, k) => sum + value * b[k]!, 0);
  if (objective.kind === 'nt-xent') {
    const length = (i: number): number => Math.sqrt(dot(row(i), row(i)) + LENGTH_EPSILON);
    const s = (i: number, j: number): number => dot(row(i), row(j)) / (length(i) * length(j) * objective.temperature);
    let nll = 0;
    let nearest = 0;
    for (let i = 0; i < images; i++) {
      const others = Array.from({ length: images }, (_, j) => j).filter((j) => j !== i);
      const own = s(i, (i + half) % images);
      nll += Math.log(others.reduce((sum, j) => sum + Math.exp(s(i, j)), 0)) - own;
      if (others.every((j) => s(i, j) <= own)) nearest++;
    }
    return { nll: nll / images, accuracy: nearest / images };
  }
  let loss = z.reduce((sum, value, i) => sum + (value - z[(i + half * width) % z.length]!) ** 2, 0) / z.length;
  for (const from of [0, half]) {
    const mean = Float64Array.from({ length: width }, (_, k) => Array.from({ length: half }, (_, i) => row(from + i)[k]!).reduce((sum, value) => sum + value, 0) / half);
    const covariance = (j: number, k: number): number => Array.from({ length: half }, (_, i) => (row(from + i)[j]! - mean[j]!) * (row(from + i)[k]! - mean[k]!)).reduce((sum, value) => sum + value, 0) / (half - 1);
    for (let j = 0; j < width; j++) {
      loss += (objective.variance * Math.max(0, 1 - Math.sqrt(covariance(j, j) + VARIANCE_EPSILON))) / (2 * width);
      for (let k = 0; k < width; k++) if (k !== j) loss += (objective.covariance * covariance(j, k) ** 2) / width;
    }
  }
  return { nll: loss, accuracy: 0 };
}

/** Each output is the mean of the input around its centre under a tent, the edge repeated outside. */
function upsampled(to: LayerOf<'upsample'>, x: Float64Array, { height, width, channels }: Size, batch: number): Float64Array {
  const tent = (i: number, inputs: number, outputs: number, j: number): number => {
    const at = ((i + 0.5) * inputs) / outputs - 0.5;
    let weight = 0;
    for (let k = -1; k <= inputs; k++) if (Math.min(inputs - 1, Math.max(0, k)) === j) weight += Math.max(0, 1 - Math.abs(at - k));
    return weight;
  };
  return new Float64Array(batch * to.height * to.width * channels).map((_, i) => {
    const c = i % channels;
    const ox = Math.floor(i / channels) % to.width;
    const oy = Math.floor(i / (channels * to.width)) % to.height;
    const b = Math.floor(i / (channels * to.width * to.height));
    let sum = 0;
    for (let y = 0; y < height; y++) for (let xx = 0; xx < width; xx++) sum += tent(oy, height, to.height, y) * tent(ox, width, to.width, xx) * x[((b * height + y) * width + xx) * channels + c]!;
    return sum;
  });
}
