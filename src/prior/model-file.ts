/**
 * A fine-tuned network as safetensors: F32 tensors under the names and in the layouts of PyTorch, so that `load_state_dict` takes them as they are. With
 * samples of the posterior they stand beside the solution as `samples.<parameter>` [S, …shape]. `__metadata__.priorscape_model` says which network it is, how
 * inputs are normalised, what the classes are called, and how it was tuned and measured. Read back is any safetensors file that has the network's tensors.
 */
import { LabError } from '../core/errors.ts';
import type { Normalisation } from '../data/dataset.ts';
import type { Architecture } from '../model/architecture.ts';
import { parameterTable } from '../model/build.ts';
import { float32Of, float32Tensor, readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts';

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
 * theta [D + H] of a `state_dict` saved as safetensors, ours or PyTorch's own; samples beside it are left aside. Throws LabError('file') where a tensor is
 * missing, of another shape or kind, not finite, or of no place in this network.
 */
export function decodeModel(bytes: Uint8Array, architecture: Architecture): Float32Array {
  const { tensors } = readSafetensors(bytes);
  const { entries, total } = parameterTable(architecture);
  const theta = new Float32Array(total);
  for (const { name, shape, offset } of entries) {
    const tensor = tensors.get(name);
    if (!tensor) throw weightsFault(tensors.has(`mean.${name}`) ? 'they are a prior, not the weights of one network; use Import in panel 2' : `tensor "${name}" is missing`);
    if (tensor.dtype !== 'F32') throw weightsFault(`tensor "${name}" holds ${tensor.dtype}, not F32; save them as float32`);
    if (tensor.shape.join('×') !== shape.join('×')) throw weightsFault(`tensor "${name}" has shape [${tensor.shape.join(', ')}], and the network of this comparison needs [${shape.join(', ')}]`);
    const values = float32Of(tensor);
    if (!values.every(Number.isFinite)) throw weightsFault(`tensor "${name}" has values that are not finite`);
    theta.set(values, offset);
  }
  const names = new Set(entries.map(({ name }) => name));
  const stray = [...tensors.keys()].find((name) => !names.has(name.replace(/^samples\./, '')));
  if (stray !== undefined) throw weightsFault(`tensor ${JSON.stringify(stray.slice(0, 60))} has no place in the network of this comparison`);
  return theta;
}

function weightsFault(what: string): LabError {
  return new LabError('file', `These weights cannot be used: ${what}.`);
}
