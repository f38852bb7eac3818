/**
 * Shifts: what makes downstream inputs differ from the source's. Each takes pixels [H, W, C] in [0, 1] and leaves them
 * in [0, 1]; `severity` 0 changes nothing and 1 is the default strength. Every draw comes from the stream.
 */
import { Stream } from '../core/philox.ts';
import { bakeInto, pixelsInto } from './augment.ts';
import type { Dataset, ShiftKind } from './dataset.ts';
import { sealed } from './hash.ts';

export const SHIFTS: Record<ShiftKind, { label: string; sentence: string }> = {
  none: { label: 'None', sentence: 'Inputs stay as they are.' },
  noise: { label: 'Noise', sentence: 'Gaussian noise of σ = 0.3 × severity is added to every pixel, then values are clipped to [0, 1].' },
  'low-contrast': { label: 'Low contrast', sentence: 'Contrast falls to a random 0.3–0.5 of itself (to the power of severity) around a random brightness.' },
  clutter: { label: 'Clutter', sentence: 'Random strokes and blobs, four at severity 1, are painted over each image.' },
};

export interface ImageShape {
  height: number;
  width: number;
  channels: number;
}

/** Applies a shift to pixels [H·W·C] in place. */
export function applyShift(pixels: Float32Array, shape: ImageShape, kind: ShiftKind, severity: number, stream: Stream): void {
  if (severity <= 0) return;
  switch (kind) {
    case 'none': return;
    case 'noise': return noise(pixels, severity, stream);
    case 'low-contrast': return lowContrast(pixels, severity, stream);
    case 'clutter': return clutter(pixels, shape, severity, stream);
    default: return kind satisfies never;
  }
}

/** x + N(0, (0.3·severity)²), clipped. */
function noise(pixels: Float32Array, severity: number, stream: Stream): void {
  const sigma = 0.3 * severity;
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = Math.min(1, Math.max(0, pixels[i]! + sigma * stream.normal()));
  }
}

/** a·x + b, a = U(0.3, 0.5)^severity, b = U(0, 1 − a): never leaves [0, 1]. */
function lowContrast(pixels: Float32Array, severity: number, stream: Stream): void {
  const contrast = stream.between(0.3, 0.5) ** severity;
  const offset = stream.uniform() * (1 - contrast);
  for (let i = 0; i < pixels.length; i++) pixels[i] = contrast * pixels[i]! + offset;
}

/** Strokes (and blobs: strokes of no length) painted over the image with smooth edges; 4·severity on average. */
function clutter(pixels: Float32Array, shape: ImageShape, severity: number, stream: Stream): void {
  const { height, width, channels } = shape;
  const unit = Math.min(height, width) / 28;
  const strokes = Math.floor(4 * severity + stream.uniform());
  for (let s = 0; s < strokes; s++) {
    const blob = stream.uniform() < 0.3;
    const x = stream.uniform() * width - 0.5;
    const y = stream.uniform() * height - 0.5;
    const angle = stream.uniform() * Math.PI;
    const reach = blob ? 0 : stream.between(4, 11) * unit;
    const radius = stream.between(blob ? 1 : 0.5, blob ? 2.5 : 1.3) * unit;
    const dx = Math.cos(angle) * reach;
    const dy = Math.sin(angle) * reach;
    const ink: number[] = [];
    for (let c = 0; c < channels; c++) ink.push(stream.between(0.4, 1));
    const margin = radius + 1;
    const firstRow = Math.max(0, Math.floor(y - Math.abs(dy) - margin));
    const lastRow = Math.min(height - 1, Math.ceil(y + Math.abs(dy) + margin));
    const firstColumn = Math.max(0, Math.floor(x - Math.abs(dx) - margin));
    const lastColumn = Math.min(width - 1, Math.ceil(x + Math.abs(dx) + margin));
    for (let j = firstRow; j <= lastRow; j++) {
      for (let i = firstColumn; i <= lastColumn; i++) {
        // Distance to the segment (x, y) ± (dx, dy).
        const along = reach === 0 ? 0 : Math.max(-1, Math.min(1, ((i - x) * dx + (j - y) * dy) / (reach * reach)));
        const cover = Math.min(1, radius + 0.5 - Math.hypot(i - x - along * dx, j - y - along * dy));
        if (cover <= 0) continue;
        for (let c = 0; c < channels; c++) {
          const at = (j * width + i) * channels + c;
          pixels[at] = pixels[at]! + cover * (ink[c]! - pixels[at]!);
        }
      }
    }
  }
}

/**
 * A copy of the data set with the shift baked into every row as uint8; row i draws from Stream(seed, 'shift', 0, i).
 * The same object when there is nothing to do.
 */
export async function shiftDataset(dataset: Dataset, kind: ShiftKind, severity: number, seed: number): Promise<Dataset> {
  if (kind === 'none' || severity <= 0) return dataset;
  const size = dataset.height * dataset.width * dataset.channels;
  const images = new Uint8Array(dataset.count * size);
  const pixels = new Float32Array(size);
  for (let row = 0; row < dataset.count; row++) {
    pixelsInto(dataset, row, pixels, 0);
    applyShift(pixels, dataset, kind, severity, new Stream(seed, 'shift', 0, row));
    bakeInto(pixels, images, row * size);
  }
  return sealed({ ...dataset, name: `${dataset.name} + ${kind}`, images });
}
