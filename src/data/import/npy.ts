/**
 * One array of NumPy (`.npy`, versions 1.0, 2.0 and 3.0; numpy.lib.format): a header that is a Python literal, read by its own strict grammar and never
 * evaluated, then the values in C or Fortran order. Objects and structures are refused: they are pickles, which can run code when they are read.
 */
import type { Given } from './contract.ts';
import { Flow } from './given.ts';
import { fault, mib, MIB, room } from './limits.ts';
import type { Values } from './range.ts';

export interface NpyArray {
  /** As the visitor knows it: the file's name without its ending. */
  name: string;
  given: Given;
  kind: 'u' | 'i' | 'f' | 'b' | 'U' | 'S';
  /** Bytes a value. */
  itemSize: number;
  little: boolean;
  shape: number[];
  fortran: boolean;
  /** Bytes before the values. */
  start: number;
}

const TYPES = new Set(['u1', 'u2', 'u4', 'u8', 'i1', 'i2', 'i4', 'i8', 'f2', 'f4', 'f8', 'b1']);
const MAX_HEADER = 65536;
/** A literal of the three keys that NumPy writes, in any order. */
const KEY = /^\s*'(descr|fortran_order|shape)'\s*:\s*('[^'\\]*'|True|False|\(\s*(?:\d+\s*,\s*)*(?:\d+\s*)?\))\s*(,|(?=\}))/;

/** Whether bytes begin as an array of NumPy does. */
export const isNpy = (head: Uint8Array): boolean => [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59].every((byte, i) => head[i] === byte);

/** Reads the header and holds what it claims against the file's size. Throws LabError('data'). */
export async function npyHeader(given: Given, name = given.path): Promise<NpyArray> {
  const head = await given.slice(0, Math.min(given.size, 12));
  if (!isNpy(head)) throw fault(`${name} is not an array of NumPy: it does not begin with \\x93NUMPY.`);
  const [major = 0, minor = 0] = head.subarray(6);
  if (major < 1 || major > 3 || minor !== 0) throw fault(`${name} is of version ${major}.${minor} of NumPy's format; 1.0, 2.0 and 3.0 can be read.`);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const before = major === 1 ? 10 : 12;
  if (head.length < before) throw fault(`${name} is truncated: it ends within its header.`);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER) throw fault(`${name} claims a header of ${length} bytes; at most ${MAX_HEADER} are read.`);
  const start = before + length;
  if (start > given.size) throw fault(`${name} is truncated: it ends within its header.`);
  const text = new TextDecoder().decode(await given.slice(before, start));
  const array = { name, given, start, ...literal(text, name) };
  const bytes = array.shape.reduce((a, b) => a * b, array.itemSize);
  if (!Number.isSafeInteger(bytes)) throw fault(`${name} claims the shape ${array.shape.join(' × ')}, more than any file holds.`);
  if (start + bytes !== given.size) {
    throw fault(`${name} is ${start + bytes > given.size ? 'truncated' : 'damaged'}: its header promises ${start + bytes} bytes and it has ${given.size}; save it again.`);
  }
  return array;
}

function literal(text: string, name: string): Pick<NpyArray, 'kind' | 'itemSize' | 'little' | 'shape' | 'fortran'> {
  const unreadable = () => fault(`${name} has a header that NumPy does not write; save it again with numpy.save.`);
  const found = new Map<string, string>();
  const open = /^\s*\{/.exec(text);
  if (!open) throw unreadable();
  let rest = text.slice(open[0].length);
  if (/'descr'\s*:\s*\[/.test(rest)) throw fault(`${name} holds structures of several fields; save images and labels as arrays of numbers.`);
  for (let match = KEY.exec(rest); match; match = KEY.exec(rest)) {
    if (found.has(match[1]!)) throw unreadable();
    found.set(match[1]!, match[2]!);
    rest = rest.slice(match[0].length);
  }
  const [descr, order, tuple] = [found.get('descr'), found.get('fortran_order'), found.get('shape')];
  if (!/^\s*\}\s*$/.test(rest) || !descr?.startsWith("'") || !/^(True|False)$/.test(order ?? '') || !tuple?.startsWith('(')) throw unreadable();
  const type = /^'([<>|=])([a-zA-Z])(\d*)'$/.exec(descr);
  if (type?.[2] === 'O') throw fault(`${name} holds Python objects (a pickle), which can run code when they are read; save it as an array of numbers.`);
  const words = type?.[2] === 'U' || type?.[2] === 'S';
  const size = Number(type?.[3] ?? 0);
  if (!type || !(words ? size > 0 && size <= 4096 : TYPES.has(type[2]! + type[3]!))) {
    throw fault(`${name} holds values of the type ${descr.slice(0, 40)}; whole numbers of 8 to 64 bits, floats of 16 to 64 bits and booleans can be read.`);
  }
  const shape = (tuple.match(/\d+/g) ?? []).map(Number);
  if (shape.length > 8) throw unreadable();
  return { kind: type[2] as NpyArray['kind'], itemSize: type[2] === 'U' ? 4 * size : size, little: type[1] !== '>', shape, fortran: order === 'True' && shape.length > 1 };
}

/** Values of one item along the first axis. */
export const rowLength = ({ shape }: NpyArray): number => shape.slice(1).reduce((a, b) => a * b, 1);

/**
 * Items along the first axis in their order, each [shape[1], …] in C order; those that `wanted` refuses are passed over and come as null. An array in Fortran
 * order is held whole, since its items are spread over all of it; throws LabError('memory') when it is too large for that.
 */
export async function* npyRows(array: NpyArray, wanted: (row: number) => boolean = () => true): AsyncGenerator<Values | null, void> {
  const { given, start, shape, itemSize, fortran, name } = array;
  const [count = 0] = shape;
  const length = rowLength(array);
  const flow = new Flow(given.stream(), name);
  try {
    await flow.skip(start);
    if (fortran) {
      const all = await flow.take(room(count * length * itemSize, `${name} is in Fortran order; holding it`, 'save it in C order (numpy.ascontiguousarray)'));
      const order = fortranOffsets(shape);
      const row = new Uint8Array(length * itemSize);
      for (let r = 0; r < count; r++) {
        if (!wanted(r)) {
          yield null;
          continue;
        }
        for (let j = 0; j < length; j++) {
          const at = (r + count * order[j]!) * itemSize;
          for (let k = 0; k < itemSize; k++) row[j * itemSize + k] = all[at + k]!;
        }
        yield numbers(array, row);
      }
      return;
    }
    for (let r = 0; r < count; r++) {
      if (wanted(r)) yield numbers(array, await flow.take(length * itemSize));
      else {
        await flow.skip(length * itemSize);
        yield null;
      }
    }
  } finally {
    await flow.close();
  }
}

/** For each place within an item in C order, its place in Fortran order. */
function fortranOffsets(shape: readonly number[]): Uint32Array {
  const rest = shape.slice(1);
  const length = rest.reduce((a, b) => a * b, 1);
  const out = new Uint32Array(length);
  for (let j = 0; j < length; j++) {
    let left = j;
    let at = 0;
    for (let d = rest.length - 1; d >= 0; d--) {
      const stride = rest.slice(0, d).reduce((a, b) => a * b, 1);
      at += (left % rest[d]!) * stride;
      left = Math.floor(left / rest[d]!);
    }
    out[j] = at;
  }
  return out;
}

/** Labels are small: the whole array as numbers or words. */
export async function npyValues(array: NpyArray): Promise<number[] | string[]> {
  const { given, start, name, kind, itemSize } = array;
  if (given.size - start > 512 * MIB) throw fault(`${name} takes ${mib(given.size)}, too much for labels; choose the array of labels.`);
  const flow = new Flow(given.stream(), name);
  await flow.skip(start);
  const bytes = await flow.take(given.size - start);
  await flow.close();
  if (kind !== 'U' && kind !== 'S') return Array.from(numbers(array, bytes));
  const view = new DataView(bytes.buffer);
  const words: string[] = [];
  for (let at = 0; at < bytes.length; at += itemSize) {
    let word = '';
    for (let k = 0; k < itemSize; k += kind === 'U' ? 4 : 1) {
      const code = kind === 'U' ? view.getUint32(at + k, array.little) : bytes[at + k]!;
      if (code === 0 || code > 0x10ffff) break;
      word += String.fromCodePoint(code);
    }
    words.push(word);
  }
  return words;
}

function numbers({ kind, itemSize, little }: NpyArray, bytes: Uint8Array): Values {
  if (itemSize === 1 && (kind === 'u' || kind === 'b')) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Float64Array(bytes.length / itemSize);
  const read = READERS[`${kind}${itemSize}`]!;
  for (let i = 0; i < out.length; i++) out[i] = read(view, i * itemSize, little);
  return out;
}

const READERS: Record<string, (view: DataView, at: number, little: boolean) => number> = {
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  f2: (view, at, little) => half(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
