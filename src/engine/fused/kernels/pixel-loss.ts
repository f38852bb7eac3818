/**
 * Softmax cross-entropy of pixels, a thread a line of an image; another kernel puts lines together. A label from `classes` on is void. For training
 *   dlogits[r, b, y, x, k] = (softmax(logits)_k − [k = label])·v_label·areas[row]/batch,   areas = 1/Σ v over the image's pixels that are not void,
 * and losses as those of rows are; for evaluation sums of each image's mean, the confusion matrix and the bins of confidence. Counts are whole numbers,
 * added atomically: exact in any order. So is the sum of confidences, in steps of 2⁻²⁰ and with its carry in a word of its own.
 */
import { BINS } from '../../../core/bins.ts';
import { softmaxAt } from './loss.ts';
import type { Kernel } from '../program.ts';
import { sizeOf, type TensorShape } from '../net.ts';
import { DIMS, FINITE, float, MAIN, STEP, THREAD } from './wgsl.ts';

export interface PixelShapes {
  classes: number;
  /** Of the logits; their gradient has the same. */
  output: TensorShape;
}

/** Words a bin has in the counts: pixels, right ones, and the sum of confidences, low word and carry. */
const WORDS = 4;
const STEPS = 2 ** 20;

/** Words an item has in the counts of evaluation. */
export function countWords(classes: number): number {
  return classes * classes + WORDS * BINS;
}

/** The confusion matrix [classes, classes] and bins [BINS, 3] of the contract from an item's words. */
export function readCounts(words: Uint32Array, classes: number): { confusion: Float64Array; bins: Float64Array } {
  const bins = new Float64Array(3 * BINS);
  for (let b = 0; b < BINS; b++) {
    const [pixels, right, low, high] = words.subarray(classes * classes + WORDS * b, classes * classes + WORDS * (b + 1));
    bins.set([pixels!, (high! * 2 ** 32 + low!) / STEPS, right!], 3 * b);
  }
  return { confusion: Float64Array.from(words.subarray(0, classes * classes)), bins };
}

/** What a thread knows of its line: `image`, `row` of the data, and how to find pixels. */
function line({ output: { height, width, channels, border } }: PixelShapes, size: number): string {
  return `  let b = line / ${height}u;
  let y = line % ${height}u;
  let image = chain * dims.batch + b;
  let row = rows[(now.chunk * dims.groups + groups[chain]) * dims.batch + b];
  let first = row * ${height * width}u + y * ${width}u;
  let start = image * ${size}u + (y + ${border}u) * ${(width + 2 * border) * channels}u + ${border * channels}u;`;
}

/** Of one pixel: `label`, `at`, and, where it is not void, `best` (the first largest), `top`, `sum` of exp(logit − top), `sound`, `nll`. */
function pixel({ classes, output: { channels } }: PixelShapes, use: string, otherwise = ''): string {
  return `    let p = first + x;
    let label = (maps[p / 4u] >> ((p % 4u) * 8u)) & 255u;
    let at = start + x * ${channels}u;
    if (label >= ${classes}u) {
${otherwise}
      continue;
    }
${softmaxAt(classes)}
${use}`;
}

const BINDINGS = `${DIMS}
${STEP}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> logits: array<f32>;
@group(0) @binding(3) var<storage, read> maps: array<u32>;
@group(0) @binding(4) var<storage, read> rows: array<u32>;
@group(0) @binding(5) var<storage, read> groups: array<u32>;`;

/** lines[r, b, y] = (Σ nll·v·area, Σ right·v·area, sound, 0) and dlogits. `weights` null: v = 1. */
export function pixelLoss(shapes: PixelShapes, weights: Float32Array | null): Kernel {
  const { classes, output } = shapes;
  const code = `${BINDINGS}
@group(0) @binding(6) var<storage, read> areas: array<f32>;
@group(0) @binding(7) var<storage, read_write> dlogits: array<f32>;
@group(0) @binding(8) var<storage, read_write> lines: array<vec4<f32>>;
${weights ? `var<private> weights: array<f32, ${classes}> = array<f32, ${classes}>(${[...weights].map(float).join(', ')});` : ''}
${THREAD}${FINITE}
${MAIN} {
  let line = threadOf(id, lane, size);
  let chain = id.z;
  if (line >= dims.batch * ${output.height}u) { return; }
${line(shapes, sizeOf(output))}
  var total = vec4<f32>(0.0, 0.0, 1.0, 0.0);
  for (var x = 0u; x < ${output.width}u; x++) {
${pixel(shapes, `    let share = ${weights ? 'weights[label] * ' : ''}areas[row];
    total += vec4<f32>(share * nll, select(0.0, share, best == label), 0.0, 0.0);
    if (!sound) { total.z = 0.0; }
    let scale = share / f32(dims.batch);
    for (var k = 0u; k < ${classes}u; k++) { dlogits[at + k] = scale * (exp(logits[at + k] - top) / sum - select(0.0, 1.0, k == label)); }`,
    `      for (var k = 0u; k < ${classes}u; k++) { dlogits[at + k] = 0.0; }`)}
  }
  lines[chain * dims.batch * ${output.height}u + line] = total;
}`;
  return { name: 'pixel loss', access: ['uniform', 'step', 'read', 'read', 'read', 'read', 'read', 'write', 'write'], code };
}

/** losses[r, b] = (nll, right, finite, 0) from an image's lines; a thread an image. */
export function linesToLosses({ output: { height } }: PixelShapes): Kernel {
  const code = `${DIMS}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> lines: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> losses: array<vec4<f32>>;
${THREAD}
${MAIN} {
  let b = threadOf(id, lane, size);
  if (b >= dims.batch) { return; }
  let image = id.z * dims.batch + b;
  var total = vec4<f32>();
  for (var y = 0u; y < ${height}u; y++) { total += lines[image * ${height}u + y]; }
  losses[image] = vec4<f32>(total.xy, select(0.0, 1.0, total.z == ${float(height)}), 0.0);
}`;
  return { name: 'lines to losses', access: ['uniform', 'read', 'write'], code };
}

/** lines[r, b, y] = (Σ nll, pixels, pixels that are not finite, 0) of the first `now.count` rows of a chunk; counts [chains, words] are added to. */
export function pixelCounts(shapes: PixelShapes): Kernel {
  const { classes, output } = shapes;
  const code = `${BINDINGS}
@group(0) @binding(6) var<storage, read_write> lines: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> counts: array<atomic<u32>>;
${THREAD}${FINITE}
${MAIN} {
  let line = threadOf(id, lane, size);
  let chain = id.z;
  if (line >= now.count * ${output.height}u) { return; }
${line(shapes, sizeOf(output))}
  let words = chain * ${countWords(classes)}u;
  var total = vec4<f32>();
  for (var x = 0u; x < ${output.width}u; x++) {
${pixel(shapes, `    total += vec4<f32>(select(0.0, nll, sound), 1.0, select(1.0, 0.0, sound), 0.0);
    if (!sound) { continue; }
    atomicAdd(&counts[words + label * ${classes}u + best], 1u);
    let bin = words + ${classes * classes}u + ${WORDS}u * u32(clamp(ceil(${float(BINS)} / sum) - 1.0, 0.0, ${float(BINS - 1)}));
    atomicAdd(&counts[bin], 1u);
    if (best == label) { atomicAdd(&counts[bin + 1u], 1u); }
    let confidence = u32(${float(STEPS)} / sum + 0.5);
    let before = atomicAdd(&counts[bin + 2u], confidence);
    if (before > 0xffffffffu - confidence) { atomicAdd(&counts[bin + 3u], 1u); }`)}
  }
  lines[chain * dims.batch * ${output.height}u + line] = total;
}`;
  return { name: 'pixel counts', access: ['uniform', 'step', 'read', 'read', 'read', 'read', 'write', 'write'], code };
}

/** Adds the first `now.count` images of a chunk to totals[r] = (Σ of their mean nll, images with a class anywhere, pixels that are not finite, 0); a thread a chain. */
export function linesToTotals({ output: { height } }: PixelShapes): Kernel {
  const code = `${DIMS}
${STEP}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> lines: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> totals: array<vec4<f32>>;
${THREAD}
${MAIN} {
  let chain = threadOf(id, lane, size);
  if (chain >= dims.chains) { return; }
  var total = totals[chain];
  for (var b = 0u; b < now.count; b++) {
    var image = vec4<f32>();
    for (var y = 0u; y < ${height}u; y++) { image += lines[(chain * dims.batch + b) * ${height}u + y]; }
    total += vec4<f32>(select(0.0, image.x / max(image.y, 1.0), image.y > 0.0), select(0.0, 1.0, image.y > 0.0), image.z, 0.0);
  }
  totals[chain] = total;
}`;
  return { name: 'lines to totals', access: ['uniform', 'step', 'read', 'write'], code };
}
