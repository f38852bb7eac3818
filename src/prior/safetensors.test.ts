/** The safetensors reader and writer, byte for byte against the published format, and every way to break it. */
import { describe, expect, it } from 'vitest';
import { LabError } from '../core/errors.ts';
import { float32Of, float32Tensor, readSafetensors, writeSafetensors } from './safetensors.ts';
import { parseStrictJson } from './strict-json.ts';

/** A file by hand: length, header text, data. */
function craft(header: string | Uint8Array, data: Uint8Array | number = 0, claimed?: number): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const body = typeof data === 'number' ? new Uint8Array(data) : data;
  const out = new Uint8Array(8 + text.length + body.length);
  new DataView(out.buffer).setBigUint64(0, BigInt(claimed ?? text.length), true);
  out.set(text, 8);
  out.set(body, 8 + text.length);
  return out;
}
const entry = (dtype: string, shape: string, offsets: string): string => `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;

describe('reading', () => {
  it('reads the example of the format’s own test suite', () => {
    // Length 60 ("<") little-endian, then the header, then sixteen zero bytes.
    const header = '{"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}}';
    const bytes = Uint8Array.from([0x3c, 0, 0, 0, 0, 0, 0, 0, ...new TextEncoder().encode(header), ...new Array<number>(16).fill(0)]);
    const { tensors, metadata } = readSafetensors(bytes);
    expect([...tensors.keys()]).toEqual(['test']);
    expect(tensors.get('test')).toEqual({ dtype: 'I32', shape: [2, 2], bytes: new Uint8Array(16) });
    expect(metadata.size).toBe(0);
  });

  it('reads unaligned floats, padding, metadata, scalars, empty tensors and files that lie inside a larger buffer', () => {
    const header = `{"__metadata__":{"a":"b"},"e":${entry('F32', '[0,3]', '[1,1]')},"flag":${entry('BOOL', '[]', '[0,1]')},"x":${entry('F32', '[2]', '[1,9]')}}  `;
    const floats = new Uint8Array(Float32Array.of(1.5, -2).buffer);
    const whole = craft(header, Uint8Array.of(1, ...floats));
    const shifted = new Uint8Array(whole.length + 5);
    shifted.set(whole, 3);
    const { tensors, metadata } = readSafetensors(shifted.subarray(3, 3 + whole.length));
    expect([...float32Of(tensors.get('x')!)]).toEqual([1.5, -2]);
    expect(tensors.get('e')!.bytes.length).toBe(0);
    expect(tensors.get('flag')!.shape).toEqual([]);
    expect([...metadata]).toEqual([['a', 'b']]);
  });

  const good = entry('F32', '[1]', '[0,4]');
  it.each<[string, Uint8Array, string]>([
    ['an empty file', new Uint8Array(0), 'only 0 bytes'],
    ['seven bytes', new Uint8Array(7), 'only 7 bytes'],
    ['a header of no bytes', craft(''), 'claims 0 bytes'],
    ['an absurd header length', craft('{}', 0, 25_000_001), 'claims 25000001 bytes'],
    ['a header length beyond 2⁵³', Uint8Array.from([255, 255, 255, 255, 255, 255, 255, 255, 123, 125]), 'claims'],
    ['a header that is cut off', craft('{}', 0, 10), 'truncated inside its header'],
    ['a header that is not UTF-8', craft(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), 'not UTF-8'],
    ['a byte order mark', craft('\ufeff{}'), 'does not start with'],
    ['leading space', craft(' {}'), 'does not start with'],
    ['padding that is not spaces', craft('{}\n'), 'does not end with'],
    ['a header that is an array', craft('[]'), 'does not start with'],
    ['broken JSON', craft('{"a":}'), 'not JSON'],
    ['a second object', craft('{}{}'), 'not JSON'],
    ['duplicate tensors', craft(`{"a":${good},"a":${good}}`, 4), 'the key "a" twice'],
    ['duplicate tensors, one escaped', craft(`{"a":${good},"\\u0061":${good}}`, 4), 'the key "a" twice'],
    ['duplicate fields', craft(`{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4), 'the key "dtype" twice'],
    ['duplicate metadata', craft('{"__metadata__":{"k":"1","k":"2"}}'), 'the key "k" twice'],
    ['__proto__', craft(`{"__proto__":${good}}`, 4), '__proto__'],
    ['__proto__, escaped', craft(`{"__metadata__":{"\\u005f_proto__":"x"}}`), '__proto__'],
    ['deep nesting', craft(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), 'nested too deeply'],
    ['metadata that is a list', craft('{"__metadata__":[]}'), '"__metadata__" is not an object'],
    ['metadata that is a number', craft('{"__metadata__":{"n":1}}'), 'metadata "n" is not a string'],
    ['an entry that is a number', craft('{"a":1}'), 'not an object'],
    ['an unknown field', craft(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"z":0}}`, 4), 'unknown field "z"'],
    ['an unknown dtype', craft(`{"a":${entry('F31', '[1]', '[0,4]')}}`, 4), 'no known dtype'],
    ['a dtype of Object.prototype', craft(`{"a":${entry('constructor', '[1]', '[0,4]')}}`, 4), 'no known dtype'],
    ['a missing shape', craft(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4), 'no valid shape'],
    ['a negative extent', craft(`{"a":${entry('F32', '[-1]', '[0,4]')}}`, 4), 'no valid shape'],
    ['a fractional extent', craft(`{"a":${entry('F32', '[1.5]', '[0,6]')}}`, 6), 'no valid shape'],
    ['three offsets', craft(`{"a":${entry('F32', '[1]', '[0,4,4]')}}`, 4), 'no valid data_offsets'],
    ['offsets backwards', craft(`{"a":${entry('F32', '[1]', '[4,0]')}}`, 4), 'ends before it begins'],
    ['a shape that overflows', craft(`{"a":${entry('F32', '[9007199254740991,2]', '[0,4]')}}`, 4), 'larger than can be counted'],
    ['a shape that overflows and then is empty', craft(`{"a":${entry('F32', '[9007199254740991,2,0]', '[0,0]')}}`), 'larger than can be counted'],
    ['a shape of another size', craft(`{"a":${entry('F32', '[2]', '[0,4]')}}`, 4), 'spans 4 bytes, but its shape needs 8'],
    ['a hole', craft(`{"a":${good},"b":${entry('F32', '[1]', '[8,12]')}}`, 12), 'a hole of 4 bytes before tensor "b"'],
    ['a hole at the start', craft(`{"a":${entry('F32', '[1]', '[4,8]')}}`, 8), 'a hole of 4 bytes'],
    ['overlap', craft(`{"a":${good},"b":${entry('F32', '[1]', '[2,6]')}}`, 6), 'tensor "b" overlaps'],
    ['the same bytes twice', craft(`{"a":${good},"b":${good}}`, 4), 'overlaps'],
    ['a truncated buffer', craft(`{"a":${good}}`, 3), 'truncated, with 3 of 4 bytes'],
    ['trailing bytes', craft(`{"a":${good}}`, 5), '1 bytes follow'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(LabError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });
});

describe('writing', () => {
  it('lays bytes out as the format says: larger dtypes first, then names, header padded to 8 with spaces', () => {
    const tensors = new Map([
      ['b', float32Tensor([1], Float32Array.of(2))],
      ['u', { dtype: 'U8' as const, shape: [1], bytes: Uint8Array.of(9) }],
      ['a', float32Tensor([1], Float32Array.of(1))],
    ]);
    const bytes = writeSafetensors(tensors, new Map([['format', 'pt']]));
    const header = `{"__metadata__":{"format":"pt"},"a":${entry('F32', '[1]', '[0,4]')},"b":${entry('F32', '[1]', '[4,8]')},"u":${entry('U8', '[1]', '[8,9]')}}`;
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8, ' ');
    expect(bytes).toEqual(craft(padded, Uint8Array.of(0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 9)));
    expect(readSafetensors(bytes).tensors).toEqual(tensors);
  });

  it('refuses what could not be read again', () => {
    const one = float32Tensor([1], Float32Array.of(1));
    const metadata = new Map([['format', 'pt']]);
    expect(() => writeSafetensors(new Map([['a', one]]), new Map())).toThrow(RangeError);
    expect(() => writeSafetensors(new Map([['__proto__', one]]), metadata)).toThrow(RangeError);
    expect(() => writeSafetensors(new Map([['a', { ...one, shape: [2] }]]), metadata)).toThrow(RangeError);
  });
});

describe('strict JSON', () => {
  it('lets honest JSON through', () => {
    const text = '{"a":[1,{"a":"x\\"{[,:"}],"b":{"a":null},"c":"__proto__"}';
    expect(parseStrictJson(text, 3)).toEqual({ value: JSON.parse(text) as unknown });
  });
  it.each([['{"a":1,"a":2}', 'duplicate'], ['{"x":{"k":1,"y":[],"k":2}}', 'duplicate'], ['{"__proto__":1}', 'proto'], ['[[[[1]]]]', 'depth'], ['{"a":1', 'syntax'], ['{"a', 'syntax'], ['', 'syntax']])(
    'refuses %s as %s', (text, problem) => {
      expect(parseStrictJson(text, 3)).toMatchObject({ problem });
    });
});
