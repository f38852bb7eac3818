/**
 * A fine-tuned network as safetensors: F32 tensors under the names and in the layouts of PyTorch, so that `load_state_dict` takes them as they are. With
 * samples of the posterior they stand beside the solution as `samples.<parameter>` [S, …shape]. `__metadata__.priorscape_model` says which network it is, how
 * inputs are normalised, what the classes are called, and how it was tuned and measured. Read back is any safetensors file that has the network's tensors.
 */
import { LabError } from '../core/errors.ts';
import type { Normalisation } from '../data/dataset.ts';
import type { Architecture } from '../model/architecture.ts';
import { parameterTable } from '../model/build.ts';
import { float32Tensor, type Tensor, writeSafetensors } from './safetensors.ts';
import { fitWeights, readWeights, startFrom } from './weights.ts';

export interface ModelAbout {
  architecture: Architecture;
  /** Networks see (pixel − mean) / std, pixel in [0, 1]. */
  normalisation: Normalisation;
  classNames: readonly string[];
  /** In the comparison: the arm, its seed, what was tuned, and what was measured on test. */
  arm: string;
  seed: number;
  scale: number | null;
  headStrength: number;
  learningRate: number;
  test: { accuracy: number; nll: number };
  /** Data it was fine-tuned on, and how many of them. */
  dataset: string;
  n: number;
  created: string;
  licence: string;
}

/** `theta` and `samples` are [D + H]; samples may be none. */
export function encodeModel(about: ModelAbout, theta: Float32Array, samples: readonly Float32Array[] = []): Uint8Array<ArrayBuffer> {
  const { name, widths, stem, input, classes } = about.architecture;
  const tensors = new Map<string, Tensor>();
  for (const { name: parameter, shape, offset, size } of parameterTable(about.architecture).entries) {
    tensors.set(parameter, float32Tensor(shape, theta.subarray(offset, offset + size)));
    if (samples.length === 0) continue;
    const stacked = new Float32Array(samples.length * size);
    samples.forEach((sample, s) => stacked.set(sample.subarray(offset, offset + size), s * size));
    tensors.set(`samples.${parameter}`, float32Tensor([samples.length, ...shape], stacked));
  }
  const description = { version: 1, ...about, architecture: { name, widths, stem, input, classes, ...(about.architecture.decoder ? { decoder: true } : {}) }, samples: samples.length };
  return writeSafetensors(tensors, new Map([['format', 'pt'], ['priorscape_model', JSON.stringify(description)]]));
}

/**
 * theta [D + H] of a `state_dict` saved as safetensors, ours or PyTorch's own; what else is in the file (samples) is left aside. Throws LabError('file') where a
 * tensor is missing, of another shape or kind, or not finite.
 */
export async function decodeModel(bytes: Uint8Array<ArrayBuffer>, file: string, architecture: Architecture): Promise<Float32Array> {
  const weights = await readWeights(bytes, file);
  if (weights.prior) throw new LabError('file', `The file “${file}” is a prior, not the weights of one network; open it with Import in panel 2.`);
  const table = parameterTable(architecture);
  const unfit = fitWeights(weights, table).rows.find(({ state }) => state !== 'used');
  if (unfit) {
    const { name, shape, found } = unfit;
    const what = !found ? `${name} is not in the file` : unfit.state === 'shape' ? `${name} has shape [${found.shape.join(', ')}], not [${shape.join(', ')}]` : `${name} holds ${found.dtype}`;
    throw new LabError('file', `The weights “${file}” are not of this comparison’s network: ${what}; save the state_dict of that network as float32.`);
  }
  return startFrom(weights, table).over(new Float32Array(table.total));
}
