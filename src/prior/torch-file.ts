/**
 * A tensor saved by `torch.save` (the zip form of torch ≥ 1.6): `<name>/data.pkl` describes it, `<name>/data/<key>` holds its bytes. A pickle is a program; this
 * one is run by an interpreter that knows the few opcodes and the few names which a plain tensor needs, and refuses everything else by name. torch stores
 * without compression, so a compressed entry is refused too, and no claimed size is believed beyond the file's own.
 */
import { unzipSync, type Zippable, zipSync } from 'fflate';
import { LabError } from '../core/errors.ts';

export interface TorchTensor {
  shape: number[];
  values: Float32Array;
}

/** What a pickle may build here. */
type Value =
  | { kind: 'mark' } | { kind: 'text'; text: string } | { kind: 'number'; value: number } | { kind: 'flag' } | { kind: 'tuple'; items: Value[] } | { kind: 'dict' }
  | { kind: 'name'; name: string } | { kind: 'storage'; type: keyof typeof STORAGES; key: string; count: number } | { kind: 'tensor'; tensor: { storage: Value; offset: number; shape: number[]; strides: number[] } };

/** Bytes of an element. */
const STORAGES = { FloatStorage: 4, DoubleStorage: 8 } as const;
const NAMES = ['torch._utils _rebuild_tensor_v2', 'torch FloatStorage', 'torch DoubleStorage', 'collections OrderedDict'];
const MOST_BYTES = 2 ** 30;
const MOST_STEPS = 10_000;

/** Throws LabError('file') with the first fault. `file`: its name, for messages. */
export function readTorchTensor(bytes: Uint8Array, file: string): TorchTensor {
  const fault = (what: string) => new LabError('file', `The file “${file}” cannot be read as a tensor of torch.save: ${what}.`);
  const entries = unzipped(bytes, fault);
  const [pickle, folder] = pickleOf(entries, fault);
  const order = entries[`${folder}byteorder`];
  if (order && new TextDecoder().decode(order) !== 'little') throw fault('its numbers are big-endian');
  const result = runPickle(pickle, fault);
  if (result.kind !== 'tensor' || result.tensor.storage.kind !== 'storage') throw fault('it holds something else than one tensor');
  const { storage, offset, shape, strides } = result.tensor;
  const data = entries[`${folder}data/${storage.key}`];
  const size = STORAGES[storage.type];
  if (!data || data.length < storage.count * size) throw fault('its numbers are missing or cut short');
  const count = shape.reduce((product, length) => product * length, 1);
  const contiguous = strides.length === shape.length && shape.every((length, i) => length <= 1 || strides[i] === shape.slice(i + 1).reduce((product, inner) => product * inner, 1));
  if (!contiguous) throw fault('it is a view with gaps; save tensor.contiguous()');
  if (offset + count > storage.count) throw fault('its shape reaches beyond its numbers');
  const own = data.slice(offset * size, (offset + count) * size).buffer;
  const values = storage.type === 'FloatStorage' ? new Float32Array(own) : Float32Array.from(new Float64Array(own));
  if (!values.every(Number.isFinite)) throw fault('it has values that are not finite');
  return { shape, values };
}

type Fault = (what: string) => LabError;

function unzipped(bytes: Uint8Array, fault: Fault): Record<string, Uint8Array> {
  let total = 0;
  const check = ({ compression, originalSize }: { compression: number; originalSize: number }): boolean => {
    if (compression !== 0) throw fault('an entry is compressed, which torch never does');
    total += originalSize;
    if (originalSize > bytes.length || total > MOST_BYTES) throw fault('its entries claim more bytes than there are');
    return true;
  };
  try {
    return unzipSync(bytes, { filter: check });
  } catch (error) {
    if (error instanceof LabError) throw error;
    throw fault('it is no zip file, as torch.save writes since 1.6');
  }
}

function pickleOf(entries: Record<string, Uint8Array>, fault: Fault): [pickle: Uint8Array, folder: string] {
  const found = Object.keys(entries).filter((name) => /(^|\/)data\.pkl$/.test(name));
  if (found.length !== 1) throw fault('it has no data.pkl of one object');
  return [entries[found[0]!]!, found[0]!.slice(0, -'data.pkl'.length)];
}

/** The object that a pickle of protocol 2 builds. */
function runPickle(code: Uint8Array, fault: Fault): Value {
  const stack: Value[] = [];
  const memo = new Map<number, Value>();
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  let at = 0;
  const take = (count: number): number => {
    if (at + count > code.length) throw fault('its description is cut short');
    at += count;
    return at - count;
  };
  const text = (from: number, to: number) => new TextDecoder('utf-8', { fatal: false }).decode(code.subarray(from, to));
  const line = (): string => {
    const end = code.indexOf(10, at);
    if (end < 0) throw fault('its description is cut short');
    const from = at;
    at = end + 1;
    return text(from, end);
  };
  const pop = (): Value => stack.pop() ?? lost();
  const lost = (): never => {
    throw fault('its description is not sound');
  };
  const toMark = (): Value[] => {
    const mark = stack.findLastIndex(({ kind }) => kind === 'mark');
    if (mark < 0) return lost();
    const items = stack.splice(mark);
    return items.slice(1);
  };
  const tupleOf = (count: number) => stack.push({ kind: 'tuple', items: stack.length < count ? lost() : stack.splice(stack.length - count) });
  for (let step = 0; step < MOST_STEPS; step++) {
    const opcode = code[take(1)]!;
    switch (opcode) {
      case 0x80: if (code[take(1)]! > 5) throw fault('its description is of a newer kind'); break; // PROTO
      case 0x28: stack.push({ kind: 'mark' }); break; // MARK
      case 0x63: { // GLOBAL
        const name = `${line()} ${line()}`;
        if (!NAMES.includes(name)) throw fault(`it asks for “${name.slice(0, 60)}”, and only plain tensors are read`);
        stack.push({ kind: 'name', name });
        break;
      }
      case 0x58: { // BINUNICODE
        const length = view.getUint32(take(4), true);
        const from = take(length);
        stack.push({ kind: 'text', text: text(from, from + length) });
        break;
      }
      case 0x4b: stack.push({ kind: 'number', value: code[take(1)]! }); break; // BININT1
      case 0x4d: stack.push({ kind: 'number', value: view.getUint16(take(2), true) }); break; // BININT2
      case 0x4a: stack.push({ kind: 'number', value: view.getInt32(take(4), true) }); break; // BININT
      case 0x8a: { // LONG1
        const length = code[take(1)]!;
        const from = take(length);
        let value = 0;
        for (let i = length - 1; i >= 0; i--) value = value * 256 + code[from + i]!;
        stack.push({ kind: 'number', value });
        break;
      }
      case 0x88: case 0x89: stack.push({ kind: 'flag' }); break; // NEWTRUE, NEWFALSE
      case 0x29: stack.push({ kind: 'tuple', items: [] }); break; // EMPTY_TUPLE
      case 0x74: stack.push({ kind: 'tuple', items: toMark() }); break; // TUPLE
      case 0x85: tupleOf(1); break;
      case 0x86: tupleOf(2); break;
      case 0x87: tupleOf(3); break;
      case 0x7d: stack.push({ kind: 'dict' }); break; // EMPTY_DICT
      case 0x71: memo.set(code[take(1)]!, stack.at(-1) ?? lost()); break; // BINPUT
      case 0x72: memo.set(view.getUint32(take(4), true), stack.at(-1) ?? lost()); break; // LONG_BINPUT
      case 0x68: stack.push(memo.get(code[take(1)]!) ?? lost()); break; // BINGET
      case 0x6a: stack.push(memo.get(view.getUint32(take(4), true)) ?? lost()); break; // LONG_BINGET
      case 0x51: stack.push(storageOf(pop()) ?? lost()); break; // BINPERSID
      case 0x52: { // REDUCE
        const given = pop();
        stack.push(called(pop(), given) ?? lost());
        break;
      }
      case 0x2e: return stack.length === 1 ? pop() : lost(); // STOP
      default: throw fault(`its description has the opcode 0x${opcode.toString(16)}, which no plain tensor needs`);
    }
  }
  throw fault('its description is longer than that of a tensor');
}

/** ('storage', type, key, location, count). */
function storageOf(id: Value): Value | null {
  if (id.kind !== 'tuple') return null;
  const [tag, type, key, , count] = id.items;
  if (tag?.kind !== 'text' || tag.text !== 'storage' || type?.kind !== 'name' || key?.kind !== 'text' || count?.kind !== 'number') return null;
  if (type.name === 'torch FloatStorage') return { kind: 'storage', type: 'FloatStorage', key: key.text, count: count.value };
  return type.name === 'torch DoubleStorage' ? { kind: 'storage', type: 'DoubleStorage', key: key.text, count: count.value } : null;
}

/** The two calls that a plain tensor makes. */
function called(callee: Value, given: Value): Value | null {
  if (callee.kind !== 'name' || given.kind !== 'tuple') return null;
  if (callee.name === 'collections OrderedDict') return given.items.length === 0 ? { kind: 'dict' } : null;
  if (callee.name !== 'torch._utils _rebuild_tensor_v2') return null;
  const [storage, offset, shape, strides] = given.items;
  if (storage?.kind !== 'storage' || offset?.kind !== 'number' || !shape || !strides) return null;
  const [lengths, steps] = [counts(shape), counts(strides)];
  return lengths && steps && offset.value >= 0 ? { kind: 'tensor', tensor: { storage, offset: offset.value, shape: lengths, strides: steps } } : null;
}

function counts(value: Value): number[] | null {
  if (value.kind !== 'tuple' || value.items.length > 8) return null;
  const numbers = value.items.map((item) => (item.kind === 'number' && Number.isSafeInteger(item.value) && item.value >= 0 ? item.value : -1));
  return numbers.includes(-1) ? null : numbers;
}

/** The file that `torch.load` reads as a float32 tensor. */
export function writeTorchTensor({ shape, values }: TorchTensor): Uint8Array<ArrayBuffer> {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((product, length) => product * length, 1));
  const number = (value: number): number[] => [0x4a, ...new Uint8Array(Int32Array.of(value).buffer)];
  const words = (text: string): number[] => [0x58, ...new Uint8Array(Uint32Array.of(text.length).buffer), ...new TextEncoder().encode(text)];
  const name = (module: string, member: string): number[] => [0x63, ...new TextEncoder().encode(`${module}\n${member}\n`)];
  const tuple = (...items: number[][]): number[] => [0x28, ...items.flat(), 0x74];
  const storage = [...tuple(words('storage'), name('torch', 'FloatStorage'), words('0'), words('cpu'), number(values.length)), 0x51];
  const hooks = [...name('collections', 'OrderedDict'), 0x29, 0x52];
  const pickle = [0x80, 2, ...name('torch._utils', '_rebuild_tensor_v2'), ...tuple(storage, number(0), tuple(...shape.map(number)), tuple(...strides.map(number)), [0x89], hooks), 0x52, 0x2e];
  const files: Record<string, Uint8Array> = {
    'data.pkl': Uint8Array.from(pickle), 'byteorder': new TextEncoder().encode('little'), 'data/0': new Uint8Array(values.buffer, values.byteOffset, values.byteLength), version: new TextEncoder().encode('3\n'),
  };
  const entries: Zippable = {};
  for (const [file, content] of Object.entries(files)) entries[`archive/${file}`] = [content, { level: 0, mtime: new Date(1980, 0, 1) }];
  return zipSync(entries) as Uint8Array<ArrayBuffer>; // fflate allocates plain arrays
}
