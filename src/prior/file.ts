/**
 * The prior file (DESIGN §6): a Posterior as safetensors. F32 tensors in PyTorch's names and layouts, for each extractor
 * parameter `mean.<param>`, `variance.<param>` and, at rank K > 0, `cov_factor.<param>` [K, …shape]; the source head, when
 * there is one, under its own names `head.weight`, `head.bias`. `__metadata__` (string → string) holds
 * `format` "pt", `priorscape` (JSON, see metadata.ts; it holds the SHA-256 of the tensor bytes) and `priorscape_sha256`,
 * the SHA-256 of that JSON: a file whose numbers or description were damaged is refused.
 */
import { LabError } from '../core/errors.ts';
import type { Gaussian } from '../core/gaussian.ts';
import { sha256Hex } from '../data/hash.ts';
import type { Architecture, ParameterEntry, ParameterTable } from '../model/architecture.ts';
import { buildArchitecture, parameterTable } from '../model/build.ts';
import type { Posterior, PosteriorSummary } from '../posterior/posterior.ts';
import { summarise } from '../posterior/summary.ts';
import { describeMetadata, parseMetadata, priorFault } from './metadata.ts';
import type { PriorMetadata } from './metadata.ts';
import { float32Of, float32Tensor, readSafetensors, tensorBytes, writeSafetensors } from './safetensors.ts';
import type { Safetensors, Tensor } from './safetensors.ts';

/** Numbers in the mean; the factor adds K times as many, which the file must actually hold. */
const MOST_PARAMETERS = 100_000_000;

/** The file of a posterior. Throws LabError('file') on values that no prior may have (not finite, variance ≤ 0). */
export async function encodePrior(posterior: Posterior): Promise<Uint8Array<ArrayBuffer>> {
  const { gaussian, head } = posterior;
  const table = parameterTable(posterior.architecture);
  if (gaussian.mean.length !== table.extractor || (head !== null && head.length !== table.head)) {
    throw priorFault('its arrays have other sizes than its architecture');
  }
  checkValues(gaussian, head, table);
  const tensors = new Map<string, Tensor>();
  for (const { name, shape, offset, size, part } of table.entries) {
    if (part === 'head') {
      if (head !== null) tensors.set(name, float32Tensor(shape, head.subarray(offset - table.extractor, offset - table.extractor + size)));
      continue;
    }
    tensors.set(`mean.${name}`, float32Tensor(shape, gaussian.mean.subarray(offset, offset + size)));
    tensors.set(`variance.${name}`, float32Tensor(shape, gaussian.variance.subarray(offset, offset + size)));
    if (gaussian.rank > 0) tensors.set(`cov_factor.${name}`, float32Tensor([gaussian.rank, ...shape], columns(gaussian, offset, size)));
  }
  const description = JSON.stringify(describeMetadata(posterior, table, await sha256Hex(tensorBytes(tensors))));
  const digest = await sha256Hex(new TextEncoder().encode(description));
  return writeSafetensors(tensors, new Map([['format', 'pt'], ['priorscape', description], ['priorscape_sha256', digest]]));
}

/** Reads a file; everything is checked before arrays are made. Throws LabError('file') with the first fault, in one sentence. */
export async function decodePrior(bytes: Uint8Array): Promise<Posterior> {
  const file = readSafetensors(bytes);
  const metadata = await readMetadata(file);
  const architecture = rebuild(metadata);
  const table = parameterTable(architecture);
  if (table.total > MOST_PARAMETERS) throw priorFault(`its network has ${table.total} parameters, more than ${MOST_PARAMETERS}`);
  const hasHead = checkTensors(file.tensors, table, metadata);
  if (await sha256Hex(new Uint8Array(file.buffer)) !== metadata.sha256) throw priorFault('its tensors do not match their SHA-256, so it was damaged or changed');

  const { rank } = metadata;
  const d = table.extractor;
  const gaussian: Gaussian = { mean: new Float32Array(d), variance: new Float32Array(d), factor: new Float32Array(rank * d), rank };
  const head = hasHead ? new Float32Array(table.head) : null;
  const numbers = (name: string): Float32Array => float32Of(required(file.tensors, name));
  for (const { name, offset, size, part } of table.entries) {
    if (part === 'head') {
      head?.set(numbers(name), offset - d);
      continue;
    }
    gaussian.mean.set(numbers(`mean.${name}`), offset);
    gaussian.variance.set(numbers(`variance.${name}`), offset);
    if (rank === 0) continue;
    const block = numbers(`cov_factor.${name}`);
    for (let k = 0; k < rank; k++) gaussian.factor.set(block.subarray(k * size, (k + 1) * size), k * d + offset);
  }
  checkValues(gaussian, head, table);
  const { source, posterior = { method: 'swag', basins: null }, normalisation, snapshots, seed, created, licence } = metadata;
  return {
    gaussian, architecture, normalisation, head, snapshots,
    provenance: {
      dataset: source.dataset, datasetSha256: source.sha256, classNames: source.classNames, method: source.method, posterior, training: source.training,
      ...(source.start ? { start: source.start } : {}),
      seed, created, licence, sourceAccuracy: source.accuracy, sourceNll: source.nll,
    },
  };
}

/** Columns [offset, offset + size) of the factor [K, D], as [K, size]. */
function columns({ factor, rank, mean }: Gaussian, offset: number, size: number): Float32Array {
  const out = new Float32Array(rank * size);
  for (let k = 0; k < rank; k++) out.set(factor.subarray(k * mean.length + offset, k * mean.length + offset + size), k * size);
  return out;
}

/** SHA-256 of a file's tensors, as it says itself: equal for priors of equal numbers, whenever they were made. Throws LabError('file'). */
export async function tensorsHash(bytes: Uint8Array): Promise<string> {
  return (await readMetadata(readSafetensors(bytes))).sha256;
}

async function readMetadata({ metadata }: Safetensors): Promise<PriorMetadata> {
  const description = metadata.get('priorscape');
  if (description === undefined) throw priorFault('it is a safetensors file without a "priorscape" description, so not a prior');
  if (metadata.get('format') !== 'pt') throw priorFault('its metadata "format" is not "pt"');
  const digest = metadata.get('priorscape_sha256');
  if (digest === undefined) throw priorFault('its metadata has no "priorscape_sha256"');
  if (digest !== await sha256Hex(new TextEncoder().encode(description))) throw priorFault('its description does not match its SHA-256, so it was damaged or changed');
  return parseMetadata(description);
}

function rebuild({ architecture: { name, ...options }, parameters }: PriorMetadata): Architecture {
  let architecture: Architecture;
  try {
    architecture = buildArchitecture(name, options);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    throw new LabError('file', `This prior file describes no possible network: ${error.message}`, { cause: error });
  }
  const expected = parameterTable(architecture).entries.filter((entry) => entry.part === 'extractor').map((entry) => entry.name);
  if (parameters.join('\n') !== expected.join('\n')) throw priorFault('its list of parameters is not that of its architecture');
  return architecture;
}

function required(tensors: Safetensors['tensors'], name: string): Tensor {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw priorFault(`tensor "${name}" is missing`);
  return tensor;
}

/** Every tensor present, F32, of the right shape, and none besides; answers whether the head is there. */
function checkTensors(tensors: Safetensors['tensors'], table: ParameterTable, { rank }: PriorMetadata): boolean {
  const heads = table.entries.filter((entry) => entry.part === 'head');
  const hasHead = heads.some((entry) => tensors.has(entry.name));
  const expected = new Map<string, number[]>();
  const expectExtractor = ({ name, shape }: ParameterEntry): void => {
    expected.set(`mean.${name}`, shape);
    expected.set(`variance.${name}`, shape);
    if (rank > 0) expected.set(`cov_factor.${name}`, [rank, ...shape]);
  };
  for (const entry of table.entries) {
    if (entry.part === 'extractor') expectExtractor(entry);
    else if (hasHead) expected.set(entry.name, entry.shape);
  }
  for (const [name, shape] of expected) {
    const tensor = required(tensors, name);
    if (tensor.dtype !== 'F32') throw priorFault(`tensor "${name}" holds ${tensor.dtype}, not F32`);
    if (tensor.shape.join('×') !== shape.join('×')) {
      throw priorFault(`tensor "${name}" has shape [${tensor.shape.join(', ')}], and its architecture needs [${shape.join(', ')}]`);
    }
  }
  for (const name of tensors.keys()) {
    if (!expected.has(name)) throw priorFault(`it has a tensor ${JSON.stringify(name.slice(0, 60))} that does not belong to its architecture`);
  }
  return hasHead;
}

/** Finite everywhere, variances positive; the first fault names its tensor. */
function checkValues({ mean, variance, factor, rank }: Gaussian, head: Float32Array | null, table: ParameterTable): void {
  const d = table.extractor;
  const check = (name: string, values: Float32Array): void => {
    if (!values.every(Number.isFinite)) throw priorFault(`tensor "${name}" has values that are not finite`);
  };
  for (const { name, offset, size, part } of table.entries) {
    if (part === 'head') {
      if (head !== null) check(name, head.subarray(offset - d, offset - d + size));
      continue;
    }
    check(`mean.${name}`, mean.subarray(offset, offset + size));
    check(`variance.${name}`, variance.subarray(offset, offset + size));
    if (!variance.subarray(offset, offset + size).every((v) => v > 0)) throw priorFault(`tensor "variance.${name}" has variances that are not positive`);
    for (let k = 0; k < rank; k++) check(`cov_factor.${name}`, factor.subarray(k * d + offset, k * d + offset + size));
  }
}

function madeOf({ method, basins }: PosteriorSummary): string {
  const told = method === 'swag' ? 'SWAG' : 'diagonal Fisher around the SWAG mean';
  return basins === null ? told : `${told}, ${basins.accuracy.length} basins (${basins.start}) merged`;
}

/** What `inspect` prints, a line an item. */
export function describePrior(posterior: Posterior): string[] {
  const { architecture, normalisation, provenance, head } = posterior;
  const { height, width, channels } = architecture.input;
  const summary = summarise(posterior, parameterTable(architecture).entries);
  const figure = (x: number | null): string => (x === null ? 'unknown' : String(Number(x.toPrecision(4))));
  return [
    `Network        ${architecture.name}, widths ${architecture.widths.join('-') || 'none'},${architecture.stem === 2 ? ' a stem of stride 2,' : ''} ${architecture.classes} classes${head === null ? ', no head in the file' : ''}`,
    `Input          ${height} × ${width} × ${channels}, seen as (pixel − ${figure(normalisation.mean)}) / ${figure(normalisation.std)}`,
    `Parameters     ${summary.params} in the extractor`,
    `Posterior      ${madeOf(summary)}`,
    `Covariance     diagonal + rank ${summary.rank}, from ${summary.snapshots} snapshots; mean variance ${figure(summary.meanVariance)}, of which ${figure(100 * summary.lowRankShare)}% low-rank`,
    `Spectrum       ${summary.spectrum.map(figure).join('  ') || 'none'}`,
    `Source         ${provenance.dataset}, ${provenance.method}, seed ${provenance.seed}; ${provenance.method === 'supervised' ? '' : 'by a linear probe: '}accuracy ${figure(provenance.sourceAccuracy)}, NLL ${figure(provenance.sourceNll)}`,
    ...(provenance.start ? [`Started from   ${provenance.start.file}, ${provenance.start.used} of ${provenance.start.tensors} tensors of the extractor${provenance.start.head ? ' and the head' : ''}; SHA-256 ${provenance.start.sha256}`] : []),
    `Classes        ${provenance.classNames.join(' ')}`,
    `Data SHA-256   ${provenance.datasetSha256 || 'unknown'}`,
    `Created        ${provenance.created}`,
    `Licence        ${provenance.licence || 'not stated'}`,
    ...summary.layers.map((row) => `Layer          ${row.name} [${row.shape.join(', ')}]: standard deviation ${figure(row.meanSd)} (${figure(row.minSd)} to ${figure(row.maxSd)}), weights ${figure(row.meanWeightRms)} RMS`),
  ];
}
