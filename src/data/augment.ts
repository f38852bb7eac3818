/**
 * Random affine augmentation of one image [H, W, C], bilinear, about the image centre c, zero outside. An affine is
 * the 2×3 map from output to input coordinates (x, y), both measured from c:
 *   in = M·out + o,  forward: out = R(rotation)·K(shear)·scale·in + shift,  so M = K⁻¹Rᵀ/scale, o = −M·shift.
 * It does not depend on the image size, so that a GPU kernel can use the same six numbers. This runs for every row
 * of every training step: nothing is allocated here.
 */
import type { Stream } from '../core/philox.ts';
import type { Augmentation, Dataset } from './dataset.ts';

/** [m00, m01, ox, m10, m11, oy]. */
export type Affine = Float64Array;

export const DEFAULT_AUGMENTATION: Augmentation = { rotation: 15, scale: [0.8, 1.1], shift: 3, shear: 0.2 };

/** Draws one affine into `out` [6]: always five uniforms, in the order rotation, scale, shear, shift x, shift y. */
export function sampleAffine(augmentation: Augmentation, stream: Stream, out: Affine = new Float64Array(6)): Affine {
  const { rotation, scale, shift, shear } = augmentation;
  const angle = (stream.between(-rotation, rotation) * Math.PI) / 180;
  const inverse = 1 / stream.between(scale[0], scale[1]);
  const k = stream.between(-shear, shear);
  const dx = stream.between(-shift, shift);
  const dy = stream.between(-shift, shift);
  const cos = Math.cos(angle) * inverse;
  const sin = Math.sin(angle) * inverse;
  const m00 = cos + k * sin;
  const m01 = sin - k * cos;
  out[0] = m00;
  out[1] = m01;
  out[2] = -(m00 * dx + m01 * dy);
  out[3] = -sin;
  out[4] = cos;
  out[5] = sin * dx - cos * dy;
  return out;
}

/** What is read: images [N, H, W, C], as in a Dataset. */
interface Pixels {
  images: Uint8Array | Float32Array;
  height: number;
  width: number;
  channels: number;
}

/** Writes image `row` of `from` under `affine` to out[outOffset … + H·W·C], as pixels. */
export function warpInto(from: Pixels, row: number, out: Float32Array, outOffset: number, affine: Affine): void {
  const { images, height, width, channels } = from;
  const gain = images instanceof Uint8Array ? 1 / 255 : 1;
  const base = row * height * width * channels;
  const stride = width * channels;
  const cx = (width - 1) / 2;
  const cy = (height - 1) / 2;
  const m00 = affine[0]!;
  const m10 = affine[3]!;
  let write = outOffset;
  for (let j = 0; j < height; j++) {
    let x = cx + affine[1]! * (j - cy) + affine[2]! - m00 * cx;
    let y = cy + affine[4]! * (j - cy) + affine[5]! - m10 * cx;
    for (let i = 0; i < width; i++, x += m00, y += m10) {
      const x0 = Math.floor(x);
      const y0 = Math.floor(y);
      if (x0 < -1 || y0 < -1 || x0 >= width || y0 >= height) {
        for (let c = 0; c < channels; c++) out[write++] = 0;
        continue;
      }
      const fx = x - x0;
      const fy = y - y0;
      const at = base + y0 * stride + x0 * channels;
      if (x0 >= 0 && y0 >= 0 && x0 < width - 1 && y0 < height - 1) {
        for (let c = 0; c < channels; c++) {
          const p = at + c;
          const top = images[p]! + fx * (images[p + channels]! - images[p]!);
          const below = p + stride;
          const bottom = images[below]! + fx * (images[below + channels]! - images[below]!);
          out[write++] = gain * (top + fy * (bottom - top));
        }
        continue;
      }
      // On the border: corners outside the image count as zero.
      const left = x0 >= 0 ? 1 - fx : 0;
      const right = x0 < width - 1 ? fx : 0;
      const up = y0 >= 0 ? 1 - fy : 0;
      const down = y0 < height - 1 ? fy : 0;
      for (let c = 0; c < channels; c++) {
        const p = at + c;
        let sum = 0;
        if (up > 0) sum += up * ((left > 0 ? left * images[p]! : 0) + (right > 0 ? right * images[p + channels]! : 0));
        if (down > 0) {
          const below = p + stride;
          sum += down * ((left > 0 ? left * images[below]! : 0) + (right > 0 ? right * images[below + channels]! : 0));
        }
        out[write++] = gain * sum;
      }
    }
  }
}

const scratch: Affine = new Float64Array(6);

/** Pixels in [0, 1] of row `row` after one random affine drawn from `stream`, to out[outOffset … + H·W·C]. */
export function augmentInto(
  dataset: Dataset, row: number, out: Float32Array, outOffset: number, augmentation: Augmentation, stream: Stream,
): void {
  warpInto(dataset, row, out, outOffset, sampleAffine(augmentation, stream, scratch));
}

/** Pixels of row `row` as they are (uint8 divided by 255), to out[outOffset … + H·W·C]. */
export function pixelsInto(dataset: Dataset, row: number, out: Float32Array, outOffset: number): void {
  const { images } = dataset;
  const size = dataset.height * dataset.width * dataset.channels;
  const base = row * size;
  if (images instanceof Uint8Array) {
    for (let i = 0; i < size; i++) out[outOffset + i] = images[base + i]! / 255;
  } else {
    for (let i = 0; i < size; i++) out[outOffset + i] = images[base + i]!;
  }
}

/** The way back: pixels to uint8, clipped and rounded. pixels [S] → images[offset … + S]. */
export function bakeInto(pixels: Float32Array, images: Uint8Array, offset: number): void {
  for (let i = 0; i < pixels.length; i++) {
    images[offset + i] = Math.round(Math.min(1, Math.max(0, pixels[i]!)) * 255);
  }
}
