/**
 * The safetensors format, generic and strict (github.com/huggingface/safetensors): 8-byte little-endian header length N;
 * N bytes of UTF-8 JSON that starts with '{' and may be padded with spaces; then the tensors' bytes. An entry is
 * {dtype, shape, data_offsets: [begin, end]}, offsets relative to the byte after the header; sorted by offset, entries
 * tile those bytes exactly. Reading checks all of it before it hands out anything and names the first fault it meets.
 */
import { LabError } from '../core/errors.ts';
import { parseStrictJson } from './strict-json.ts';

/** Bytes of one element. */
const DTYPES = {
  BOOL: 1, U8: 1, I8: 1, F8_E5M2: 1, F8_E4M3: 1, I16: 2, U16: 2, F16: 2, BF16: 2, I32: 4, U32: 4, F32: 4, F64: 8, I64: 8, U64: 8,
} as const;
export type Dtype = keyof typeof DTYPES;

export interface Tensor {
  dtype: Dtype;
  shape: number[];
  /** The element bytes, little-endian; a view of the file when read, of any alignment. */
  bytes: Uint8Array;
}

export interface Safetensors {
  tensors: Map<string, Tensor>;
  /** `__metadata__`; empty when the file has none. */
  metadata: Map<string, string>;
  /** All tensor bytes: the file after its header. */
  buffer: Uint8Array;
}

/** The smallest cap among common readers. */
const LONGEST_HEADER = 25_000_000;
const MOST_TENSORS = 100_000;
const MOST_DIMENSIONS = 32;

function fault(what: string): LabError {
  return new LabError('file', `This is not a sound safetensors file: ${what}.`);
}

/** A name from the file as a message may show it. */
function shown(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 57)}…` : name);
}

/** Throws LabError('file') with the first fault; `bytes` is the whole file, and the tensors are views of it. */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const { header, buffer } = splitHeader(bytes);
  const parsed = parseStrictJson(header, 3);
  if ('problem' in parsed) {
    switch (parsed.problem) {
      case 'syntax': throw fault('its header is not JSON');
      case 'duplicate': throw fault(`its header has the key ${shown(parsed.key)} twice`);
      case 'proto': throw fault('its header has the key "__proto__"');
      case 'depth': throw fault('its header is nested too deeply');
      default: return parsed satisfies never;
    }
  }
  if (!isRecord(parsed.value)) throw fault('its header is not a JSON object');
  const metadata = new Map<string, string>();
  const placed: { name: string; dtype: Dtype; shape: number[]; begin: number; end: number }[] = [];
  const listed = Object.entries(parsed.value);
  if (listed.length > MOST_TENSORS) throw fault(`it lists ${listed.length} tensors, more than ${MOST_TENSORS}`);
  for (const [name, entry] of listed) {
    if (name !== '__metadata__') placed.push({ name, ...readEntry(name, entry) });
    else for (const [key, value] of metadataEntries(entry)) metadata.set(key, value);
  }
  placed.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let reached = 0;
  for (const { name, begin, end } of placed) {
    if (begin > reached) throw fault(`there is a hole of ${begin - reached} bytes before tensor ${shown(name)}`);
    if (begin < reached) throw fault(`tensor ${shown(name)} overlaps the one before it`);
    reached = end;
  }
  if (reached > buffer.length) throw fault(`it is truncated, with ${buffer.length} of ${reached} bytes of tensors`);
  if (reached < buffer.length) throw fault(`${buffer.length - reached} bytes follow its last tensor`);
  const tensors = new Map(placed.map(({ name, dtype, shape, begin, end }) => [name, { dtype, shape, bytes: buffer.subarray(begin, end) }]));
  return { tensors, metadata, buffer };
}

function splitHeader(bytes: Uint8Array): { header: string; buffer: Uint8Array } {
  if (bytes.length < 8) throw fault(`it has only ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > LONGEST_HEADER) throw fault(`its header claims ${length} bytes, more than ${LONGEST_HEADER}`);
  if (length < 2) throw fault(`its header claims ${length} bytes, too few for any JSON`);
  if (8 + length > bytes.length) throw fault(`it is truncated inside its header, with ${bytes.length} of at least ${8 + length} bytes`);
  let header: string;
  try {
    header = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, 8 + length));
  } catch {
    throw fault('its header is not UTF-8');
  }
  if (!header.startsWith('{')) throw fault('its header does not start with "{"');
  header = header.replace(/ +$/, '');
  if (!header.endsWith('}')) throw fault('its header does not end with "}" and spaces');
  return { header, buffer: bytes.subarray(8 + length) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDtype(value: unknown): value is Dtype {
  return typeof value === 'string' && Object.hasOwn(DTYPES, value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function metadataEntries(entry: unknown): [string, string][] {
  if (!isRecord(entry)) throw fault('its "__metadata__" is not an object');
  return Object.entries(entry).map(([key, value]) => {
    if (typeof value !== 'string') throw fault(`its metadata ${shown(key)} is not a string`);
    return [key, value];
  });
}

function readEntry(name: string, entry: unknown): { dtype: Dtype; shape: number[]; begin: number; end: number } {
  if (!isRecord(entry)) throw fault(`the entry of tensor ${shown(name)} is not an object`);
  const { dtype, shape, data_offsets: offsets, ...rest } = entry;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw fault(`the entry of tensor ${shown(name)} has an unknown field ${shown(unknown)}`);
  if (!isDtype(dtype)) throw fault(`tensor ${shown(name)} has no known dtype`);
  if (!Array.isArray(shape) || shape.length > MOST_DIMENSIONS || !shape.every(isCount)) throw fault(`tensor ${shown(name)} has no valid shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) throw fault(`tensor ${shown(name)} has no valid data_offsets`);
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined || end < begin) throw fault(`tensor ${shown(name)} ends before it begins`);
  const size = byteSize(dtype, shape);
  if (size === null) throw fault(`tensor ${shown(name)} is larger than can be counted`);
  if (end - begin !== size) throw fault(`tensor ${shown(name)} spans ${end - begin} bytes, but its shape needs ${size}`);
  return { dtype, shape, begin, end };
}

/** product(shape) × size(dtype); null when it overflows the safe integers. */
function byteSize(dtype: Dtype, shape: readonly number[]): number | null {
  let size: number = DTYPES[dtype];
  for (const extent of shape) {
    size *= extent;
    if (!Number.isSafeInteger(size)) return null;
  }
  return size;
}

/** The numbers of an F32 tensor, copied: the file's bytes may be unaligned. Every platform with WebAssembly is little-endian. */
export function float32Of(tensor: Tensor): Float32Array<ArrayBuffer> {
  return new Float32Array(new Uint8Array(tensor.bytes).buffer); // a copy, also of a Node Buffer, whose slice is a view
}

/** The numbers of a floating-point tensor as float32, copied. Throws RangeError on other kinds. */
export function numbersOf(tensor: Tensor): Float32Array<ArrayBuffer> {
  const { buffer } = new Uint8Array(tensor.bytes);
  switch (tensor.dtype) {
    case 'F32': return new Float32Array(buffer);
    case 'F64': return Float32Array.from(new Float64Array(buffer));
    case 'BF16': return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
    case 'F16': return Float32Array.from(new Uint16Array(buffer), halfValue);
    default: throw new RangeError(`A tensor of ${tensor.dtype} holds no floating-point numbers.`);
  }
}

/** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** An F32 tensor of `values` (a view, not a copy). */
export function float32Tensor(shape: number[], values: Float32Array): Tensor {
  return { dtype: 'F32', shape, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

/** Tensors in the order of the format's own writer: larger dtypes first, then by name. */
function ordered(tensors: ReadonlyMap<string, Tensor>): [string, Tensor][] {
  return [...tensors].sort(([nameA, a], [nameB, b]) => DTYPES[b.dtype] - DTYPES[a.dtype] || (nameA < nameB ? -1 : 1));
}

/** The bytes of all tensors as `writeSafetensors` will place them. */
export function tensorBytes(tensors: ReadonlyMap<string, Tensor>): Uint8Array<ArrayBuffer> {
  const inOrder = ordered(tensors);
  const out = new Uint8Array(inOrder.reduce((sum, [, { bytes }]) => sum + bytes.length, 0));
  let at = 0;
  for (const [, { bytes }] of inOrder) {
    out.set(bytes, at);
    at += bytes.length;
  }
  return out;
}

/** The whole file. `metadata` must not be empty (some readers refuse an empty one). Throws RangeError on what could not be read again. */
export function writeSafetensors(tensors: ReadonlyMap<string, Tensor>, metadata: ReadonlyMap<string, string>): Uint8Array<ArrayBuffer> {
  if (metadata.size === 0) throw new RangeError('A safetensors file is never written with empty metadata.');
  if (metadata.has('__proto__')) throw new RangeError('Metadata cannot have the key __proto__.');
  const header: [string, unknown][] = [['__metadata__', Object.fromEntries(metadata)]];
  let at = 0;
  for (const [name, { dtype, shape, bytes }] of ordered(tensors)) {
    if (name === '__metadata__' || name === '__proto__') throw new RangeError(`A tensor cannot be named ${name}.`);
    if (byteSize(dtype, shape) !== bytes.length) throw new RangeError(`Tensor ${name} has ${bytes.length} bytes, not those of its shape.`);
    header.push([name, { dtype, shape, data_offsets: [at, at + bytes.length] }]);
    at += bytes.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const length = Math.ceil(json.length / 8) * 8;
  if (length > LONGEST_HEADER) throw new RangeError('The header of a safetensors file is too long.');
  const out = new Uint8Array(8 + length + at);
  new DataView(out.buffer).setUint32(0, length, true);
  out.set(json, 8);
  out.fill(0x20, 8 + json.length, 8 + length);
  out.set(tensorBytes(tensors), 8 + length);
  return out;
}
