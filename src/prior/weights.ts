/**
 * Weights from elsewhere as the start of source training: a safetensors file of some network, or a prior file, of which the mean counts. Names are
 * matched after common prefixes are taken off, shapes must agree, F16, BF16 and F64 become float32. What does not fit is told tensor by tensor
 * and starts as it would without the file. A listing holds names and shapes alone, so a page can match them against any network.
 */
import { LabError } from '../core/errors.ts';
import { sha256Hex } from '../data/hash.ts';
import type { ParameterTable } from '../model/architecture.ts';
import type { StartedFrom } from '../posterior/posterior.ts';
import { type Dtype, numbersOf, readSafetensors, type Tensor } from './safetensors.ts';
import { parseMetadata } from './metadata.ts';
import { guessNetwork, type NetworkGuess } from './network-guess.ts';

export interface Listed {
  name: string;
  shape: readonly number[];
  dtype: Dtype;
}

export interface WeightsListing {
  /** Of the file. */
  file: string;
  sha256: string;
  /** As the file names them; of a prior file its means and head, by the names of the network. */
  tensors: readonly Listed[];
  /** It is a prior file, of which variances and factor are left aside. */
  prior: boolean;
  /** The network that the names and shapes tell of, to be held against the data. */
  guess: NetworkGuess | null;
}

export interface WeightsFile extends WeightsListing {
  /** By the names of `tensors`. */
  numbers: ReadonlyMap<string, Tensor>;
}

/** A parameter of the network and what the file has for it. */
export interface FitRow {
  name: string;
  shape: readonly number[];
  part: 'extractor' | 'head';
  /** null: the file has no such tensor. */
  found: Listed | null;
  /** `shape`, `kind`: it is there with another shape, or holds numbers that are no weights. */
  state: 'used' | 'missing' | 'shape' | 'kind';
}

export interface WeightsFit {
  rows: FitRow[];
  /** Tensors of the file that have no place in the network. */
  extra: string[];
  /** Tensors of the extractor that are taken, of how many; and whether the whole head is. */
  used: number;
  tensors: number;
  head: boolean;
}

/** Larger files are refused before they are read. */
export const MOST_BYTES = 2 ** 30;
const MOST_TENSORS = 10_000;

/** What training code wraps around a network's own names. */
const PREFIX = /^(module|model|encoder|backbone|_orig_mod)\./;
const CONVERTED: readonly Dtype[] = ['F32', 'F16', 'BF16', 'F64'];

/** Throws LabError('file') on what is no sound safetensors file, in one sentence. */
export async function readWeights(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<WeightsFile> {
  const { tensors, metadata } = readSafetensors(bytes);
  if (tensors.size > MOST_TENSORS) throw new LabError('file', `The file “${file}” lists ${tensors.size} tensors, more than ${MOST_TENSORS}; save the weights of one network alone.`);
  if (tensors.size === 0) throw new LabError('file', `The file “${file}” holds no tensors; choose one with the weights of a network.`);
  const description = metadata.get('priorscape');
  const prior = description !== undefined || [...tensors.keys()].some((name) => name.startsWith('mean.') && tensors.has(`variance.${name.slice(5)}`));
  const numbers = new Map<string, Tensor>();
  for (const [name, tensor] of tensors) {
    if (!prior) numbers.set(name, tensor);
    else if (!/^(variance|cov_factor)\./.test(name)) numbers.set(name.replace(/^mean\./, ''), tensor);
  }
  const listed = Array.from(numbers, ([name, { shape, dtype }]): Listed => ({ name, shape, dtype }));
  const guess = described(description) ?? guessNetwork(new Map(listed.map(({ name, shape }) => [bare(name), shape])));
  return { file, sha256: await sha256Hex(bytes), tensors: listed, prior, guess, numbers };
}

/** What may cross to the page. */
export function listingOf({ file, sha256, tensors, prior, guess }: WeightsFile): WeightsListing {
  return { file, sha256, tensors, prior, guess };
}

/** The network that a prior file says it is of; null where it says nothing sound: its tensors may serve all the same. */
function described(json: string | undefined): NetworkGuess | null {
  if (json === undefined) return null;
  try {
    const { name, widths, stem } = parseMetadata(json).architecture;
    return name === 'linear' ? null : { name, widths, ...(stem === undefined ? {} : { stem }) };
  } catch {
    return null;
  }
}

function bare(name: string): string {
  let out = name;
  while (PREFIX.test(out)) out = out.replace(PREFIX, '');
  return out;
}

/** Matches a file against a network. Throws LabError('file') where two tensors could be one parameter. */
export function fitWeights({ file, tensors }: Pick<WeightsListing, 'file' | 'tensors'>, table: ParameterTable): WeightsFit {
  const byName = new Map<string, Listed[]>();
  for (const one of tensors) {
    const name = bare(one.name);
    const same = byName.get(name);
    if (same) same.push(one);
    else byName.set(name, [one]);
  }
  const rows = table.entries.map(({ name, shape, part }): FitRow => {
    const found = only(file, name, byName.get(name) ?? []);
    return { name, shape, part, found, state: stateOf(found, shape) };
  });
  const extractor = rows.filter(({ part }) => part === 'extractor');
  const head = rows.filter(({ part }) => part === 'head');
  const known = new Set(rows.map(({ name }) => name));
  return {
    rows, extra: tensors.flatMap(({ name }) => (known.has(bare(name)) ? [] : [name])),
    used: extractor.filter(({ state }) => state === 'used').length, tensors: extractor.length, head: head.length > 0 && head.every(({ state }) => state === 'used'),
  };
}

/** Of several tensors with one bare name, the one that bears it as it is. */
function only(file: string, name: string, candidates: readonly Listed[]): Listed | null {
  const exact = candidates.find((one) => one.name === name);
  if (exact) return exact;
  if (candidates.length > 1) {
    throw new LabError('file', `The file “${file}” has ${name} more than once (${candidates.slice(0, 2).map((one) => one.name.slice(0, 60)).join(', ')}); save the weights of one network alone.`);
  }
  return candidates[0] ?? null;
}

function stateOf(found: Listed | null, shape: readonly number[]): FitRow['state'] {
  if (!found) return 'missing';
  if (!CONVERTED.includes(found.dtype)) return 'kind';
  return found.shape.join('×') === shape.join('×') ? 'used' : 'shape';
}

export function noFit(file: string): LabError {
  return new LabError('file', `The weights “${file}” fit no tensor of this network’s extractor; choose the network they are of, or begin without them.`);
}

/**
 * Starting points: theta [D + H] of an initialisation with the file's tensors in place of its own; the head only as a whole. Throws LabError('file')
 * when no tensor of the extractor fits, or on values that are not finite.
 */
export function startFrom(weights: WeightsFile, table: ParameterTable): { started: StartedFrom; over(fresh: Float32Array): Float32Array } {
  const { file, sha256, numbers } = weights;
  const { rows, used, tensors, head } = fitWeights(weights, table);
  if (used === 0) throw noFit(file);
  const taken = rows.flatMap(({ state, part, found }, i) => (state === 'used' && found && (part === 'extractor' || head) ? [{ at: table.entries[i]!.offset, name: found.name }] : []))
    .map(({ at, name }) => {
      const values = numbersOf(numbers.get(name)!);
      if (!values.every(Number.isFinite)) throw new LabError('file', `The weights “${file}” cannot be used: ${name.slice(0, 60)} has values that are not finite.`);
      return { at, values };
    });
  return {
    started: { file, sha256, used, tensors, head },
    over: (fresh) => {
      const theta = fresh.slice();
      for (const { at, values } of taken) theta.set(values, at);
      return theta;
    },
  };
}

/** One sentence for reports: what of a network begins with the file's numbers, and what does not. */
export function fitSentence({ rows, extra, used, tensors, head }: WeightsFit): string {
  const without = (state: FitRow['state']) => rows.filter((row) => row.part === 'extractor' && row.state === state).map(({ name }) => name);
  const parts = [
    used === tensors ? `All ${tensors} tensors of the extractor fit` : `${used} of ${tensors} tensors of the extractor fit`,
    ...told(['has another shape', 'have another shape'], without('shape')), ...told(['is not in the file', 'are not in the file'], without('missing')),
    ...told(['holds no floating-point numbers', 'hold no floating-point numbers'], without('kind')),
    head ? 'the head fits too' : 'the head begins anew',
    ...(extra.length > 0 ? [`${extra.length === 1 ? 'one tensor' : `${extra.length} tensors`} of the file ${extra.length === 1 ? 'has' : 'have'} no place in this network`] : []),
  ];
  return `${parts.join('; ')}.`;
}

function told([one, more]: readonly [string, string], names: readonly string[]): string[] {
  if (names.length === 0) return [];
  if (names.length === 1) return [`${names[0]!} ${one}`];
  return [`${names.length > 3 ? `${names.slice(0, 2).join(', ')} and ${names.length - 2} more` : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`} ${more}`];
}
