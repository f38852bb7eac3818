/** What can be asked of parameter vectors on typed arrays besides their loss: squared gradients row by row, and features. Rows go by in chunks of one workspace. */
import type { Architecture } from '../../model/architecture.ts';
import { parameterTable } from '../../model/build.ts';
import type { GradientLabels, PointRequest } from '../contract.ts';
import { type LoadedData, readRows } from '../input.ts';
import { TypedNetwork } from './network.ts';

/** Rows at once: the patches of a chunk and their transposes stay within a few MB. */
const CHUNK = 32;

/** Σ over rows of squared gradients, [D + H] a theta (see the contract). */
export function squaredGradientsOf(data: LoadedData, { architecture, indices, thetas, labels }: Omit<PointRequest, 'data'> & { labels: GradientLabels }): Float64Array[] {
  const network = new TypedNetwork(architecture, 'whole', Math.min(CHUNK, indices.length));
  const { total } = parameterTable(architecture);
  const scratch = new Float32Array(total);
  const out = thetas.map(() => new Float64Array(total));
  const own = labels === 'data' ? new Uint16Array(CHUNK) : null;
  forChunks(data, indices, (x, from, count) => {
    for (let i = 0; own && i < count; i++) own[i] = data.dataset.labels[indices[from + i]!]!;
    thetas.forEach((theta, t) => network.addSquaredGradients(theta, x, own, count, scratch, out[t]!));
  });
  return out;
}

/** Features [rows, F] under theta, of which only the extractor is read. */
export function featuresOf(architecture: Architecture, data: LoadedData, theta: Float32Array, indices: Uint32Array): Float32Array {
  const network = new TypedNetwork(architecture, 'extractor', Math.min(CHUNK, indices.length));
  const out = new Float32Array(indices.length * network.outputs);
  forChunks(data, indices, (x, from, count) => {
    out.set(network.forward(theta, x, count).subarray(0, count * network.outputs), from * network.outputs);
  });
  return out;
}

/** Calls back with the inputs of rows [from, from + count), in one array for all chunks. */
function forChunks(data: LoadedData, indices: Uint32Array, use: (x: Float32Array, from: number, count: number) => void): void {
  const { height, width, channels } = data.dataset;
  const x = new Float32Array(Math.min(CHUNK, indices.length) * height * width * channels);
  for (let from = 0; from < indices.length; from += CHUNK) {
    const count = Math.min(CHUNK, indices.length - from);
    readRows(data, indices, from, count, x);
    use(x, from, count);
  }
}
