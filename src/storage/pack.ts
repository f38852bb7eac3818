/**
 * A value as bytes and back without loss: plain objects and arrays, strings, booleans, null, every float64 (NaN, ±Infinity and −0 too) and typed arrays,
 * which JSON cannot hold. Layout: magic, length of the tree (uint32, little-endian), the tree (JSON), zeros up to a multiple of 8, then the typed
 * arrays, each at a multiple of 8. In the tree what JSON lacks is an object with the one key `$`, and an object that has such a key itself is wrapped.
 */
import { LabError } from '../core/errors.ts';

const MAGIC = 'PRIORPK1';
const START = MAGIC.length + 4;

const ARRAYS = { f32: Float32Array, f64: Float64Array, u8: Uint8Array, c8: Uint8ClampedArray, u16: Uint16Array, u32: Uint32Array, i32: Int32Array } as const;
type Kind = keyof typeof ARRAYS;
type AnyArray = InstanceType<(typeof ARRAYS)[Kind]>;
const KINDS = Object.keys(ARRAYS) as Kind[];

const aligned = (length: number): number => Math.ceil(length / 8) * 8;
const ODD = { NaN, Infinity, '-Infinity': -Infinity, '-0': -0 } as const;

/** Pieces of the file in their order; typed arrays are not copied. Throws TypeError for what is no plain data (a function, a class of one's own). */
export function pack(value: unknown): Uint8Array<ArrayBuffer>[] {
  const arrays: AnyArray[] = [];
  let at = 0;
  const written = (inner: unknown): unknown => {
    if (typeof inner === 'number') return Number.isFinite(inner) && !Object.is(inner, -0) ? inner : { $: Object.is(inner, -0) ? '-0' : String(inner) };
    if (inner === null || typeof inner === 'string' || typeof inner === 'boolean') return inner;
    if (Array.isArray(inner)) return inner.map((one) => written(one ?? null));
    const kind = KINDS.find((one) => inner instanceof ARRAYS[one]);
    if (kind) {
      const array = inner as AnyArray;
      arrays.push(array);
      const entry = { $: kind, at, length: array.length };
      at += aligned(array.byteLength);
      return entry;
    }
    if (typeof inner !== 'object' || (Object.getPrototypeOf(inner) !== Object.prototype && Object.getPrototypeOf(inner) !== null)) throw new TypeError(`Cannot pack ${String(inner)}.`);
    const plain = Object.fromEntries(Object.entries(inner).flatMap(([key, one]) => (one === undefined ? [] : [[key, written(one)]])));
    return '$' in plain ? { $: 'object', of: plain } : plain;
  };
  const tree = new TextEncoder().encode(JSON.stringify(written(value)));
  const head = new Uint8Array(aligned(START + tree.byteLength));
  head.set(new TextEncoder().encode(MAGIC));
  new DataView(head.buffer).setUint32(MAGIC.length, tree.byteLength, true);
  head.set(tree, START);
  return [head, ...arrays.flatMap((array): Uint8Array<ArrayBuffer>[] => {
    const bytes = new Uint8Array(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength);
    const rest = aligned(bytes.byteLength) - bytes.byteLength;
    return rest === 0 ? [bytes] : [bytes, new Uint8Array(rest)];
  })];
}

/** The value; typed arrays are copies. Throws LabError('file') for bytes that `pack` did not write. */
export function unpack(bytes: Uint8Array): unknown {
  const damaged = (): never => {
    throw new LabError('file', 'The file is not one that this lab wrote, or it is damaged.');
  };
  if (bytes.byteLength < START || new TextDecoder().decode(bytes.subarray(0, MAGIC.length)) !== MAGIC) damaged();
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true);
  const base = aligned(START + length);
  if (base > bytes.byteLength) damaged();
  const read = (inner: unknown): unknown => {
    if (typeof inner !== 'object' || inner === null) return inner;
    if (Array.isArray(inner)) return inner.map(read);
    const entry = inner as Record<string, unknown>;
    const tag = entry['$'];
    if (tag === undefined) return Object.fromEntries(Object.entries(entry).map(([key, one]) => [key, read(one)]));
    if (tag === 'object' && typeof entry['of'] === 'object' && entry['of'] !== null) return Object.fromEntries(Object.entries(entry['of']).map(([key, one]) => [key, read(one)]));
    if (typeof tag === 'string' && Object.hasOwn(ODD, tag)) return ODD[tag as keyof typeof ODD];
    const kind = KINDS.find((one) => one === tag);
    const { at, length: count } = entry;
    if (!kind || typeof at !== 'number' || typeof count !== 'number' || !Number.isSafeInteger(at) || !Number.isSafeInteger(count) || at < 0 || count < 0) return damaged();
    const size = count * ARRAYS[kind].BYTES_PER_ELEMENT;
    if (base + at + size > bytes.byteLength) return damaged();
    return new ARRAYS[kind](bytes.slice(base + at, base + at + size).buffer);
  };
  let tree: unknown;
  try {
    tree = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(START, START + length)));
  } catch {
    damaged();
  }
  return read(tree);
}
