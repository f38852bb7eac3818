/** Random starting points from the counter generator, so that a seed names them. */
import { Stream } from '../core/philox.ts';
import type { Architecture } from './architecture.ts';
import { parameterTable } from './build.ts';

/** He-normal weights N(0, 2/fanIn) (He et al. 2015), zero biases, norms with γ = 1: theta [D + H]. */
export function initialise(architecture: Architecture, seed: number): Float32Array {
  const { entries, total } = parameterTable(architecture);
  const theta = new Float32Array(total);
  const stream = new Stream(seed, 'init');
  for (const entry of entries) {
    if (entry.bias) continue;
    if (entry.gain) {
      theta.fill(1, entry.offset, entry.offset + entry.size);
      continue;
    }
    const deviation = Math.sqrt(2 / entry.fanIn);
    for (let j = 0; j < entry.size; j++) theta[entry.offset + j] = deviation * stream.normal();
  }
  return theta;
}

/** The head every arm starts from: weights N(0, 0.01²), zero bias: h [H]. Of a decoder only the last layer starts so, those before as in `initialise`: else nothing would reach them. */
export function headStart(architecture: Architecture, seed: number): Float32Array {
  const { entries, extractor, head } = parameterTable(architecture);
  const h = new Float32Array(head);
  const stream = new Stream(seed, 'head');
  const last = entries.findLast((entry) => !entry.bias);
  for (const entry of entries) {
    if (entry.part !== 'head' || entry.bias) continue;
    const deviation = architecture.decoder && entry !== last ? Math.sqrt(2 / entry.fanIn) : 0.01;
    for (let j = 0; j < entry.size; j++) h[entry.offset - extractor + j] = deviation * stream.normal();
  }
  return h;
}
