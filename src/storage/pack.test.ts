import { joinedBytes } from '../core/bytes.ts';
import { describe, expect, it } from 'vitest';
import { pack, unpack } from './pack.ts';

const again = (value: unknown) => unpack(joinedBytes(pack(value)));

describe('pack', () => {
  it('gives back every kind of value, to the last bit', () => {
    const value = {
      text: 'λ “quoted” \u0000 漢', none: null, yes: true, list: [1, [2.5, -1e-300]], odd: [NaN, Infinity, -Infinity, -0, 0, 0.1 + 0.2],
      maps: { f32: Float32Array.of(NaN, 1 / 3, -0), f64: Float64Array.of(0.1 + 0.2), u8: Uint8Array.of(1, 255, 3), c8: Uint8ClampedArray.of(7), u16: Uint16Array.of(65535), u32: Uint32Array.of(4e9), i32: Int32Array.of(-1, 2) },
      empty: [{}, [], new Float32Array(0)], $: 'a key of its own', nested: { $: 'f32', at: 0, length: 9 },
    };
    const back = again(value);
    expect(back).toEqual(value);
    const { odd } = back as typeof value;
    expect(Object.is(odd[3], -0)).toBe(true);
    expect(Object.is(odd[4], 0)).toBe(true);
  });

  it('leaves out what is undefined, copies a part of a larger array alone, and refuses what is no plain data', () => {
    expect(again({ a: undefined, b: 1 })).toEqual({ b: 1 });
    expect(joinedBytes(pack(new Float32Array(1000).subarray(0, 2))).byteLength).toBeLessThan(100);
    expect(() => pack(new Map())).toThrow(TypeError);
    expect(() => pack({ f: () => 1 })).toThrow(TypeError);
  });

  it('refuses bytes of another kind, and any that are cut, in one sentence', () => {
    const whole = joinedBytes(pack({ a: Float32Array.of(1, 2, 3), b: 'x' }));
    for (let length = 0; length < whole.byteLength - 8; length++) expect(() => unpack(whole.subarray(0, length)), `length ${length}`).toThrow(/not one that this lab wrote/);
    const text = new TextDecoder().decode(whole);
    const forged = new TextEncoder().encode(text.replace('"length":3', '"length":9'));
    expect(() => unpack(forged)).toThrow(/damaged/);
  });
});
