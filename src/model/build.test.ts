import { describe, expect, it } from 'vitest';
import { buildArchitecture, parameterTable } from './build.ts';
import { headStart, initialise } from './initialise.ts';

const input = { height: 28, width: 28, channels: 1 };
const small = buildArchitecture('convnet-s', { widths: [16, 32, 64], input, classes: 10 });

describe('architectures', () => {
  it('ConvNet-S has the published parameter counts', () => {
    const table = parameterTable(small);
    expect(table).toMatchObject({ extractor: 23296, head: 650, total: 23946 });
    expect(table.entries.map((entry) => entry.name)).toEqual([
      'conv1.weight', 'conv1.bias', 'conv2.weight', 'conv2.bias', 'conv3.weight', 'conv3.bias', 'head.weight', 'head.bias',
    ]);
    expect(table.entries[2]).toMatchObject({ shape: [32, 16, 3, 3], offset: 160, size: 4608, fanIn: 144, bias: false });
  });

  it('keeps the extractor when the classes change', () => {
    const other = buildArchitecture('convnet-s', { widths: [16, 32, 64], input, classes: 26 });
    expect(other.extractor).toEqual(small.extractor);
    expect(parameterTable(other)).toMatchObject({ extractor: 23296, head: 26 * 65 });
  });

  it('MLP flattens, linear has no head', () => {
    const mlp = parameterTable(buildArchitecture('mlp', { widths: [20], input: { height: 3, width: 4, channels: 2 }, classes: 5 }));
    expect(mlp).toMatchObject({ extractor: 24 * 20 + 20, head: 105 });
    const linear = buildArchitecture('linear', { widths: [], input: { height: 1, width: 7, channels: 1 }, classes: 3 });
    expect(parameterTable(linear)).toMatchObject({ extractor: 24, head: 0 });
  });

  it('refuses what cannot be built', () => {
    expect(() => buildArchitecture('convnet-s', { widths: [], input, classes: 10 })).toThrow(/widths/);
    expect(() => buildArchitecture('mlp', { widths: [8], input, classes: 1 })).toThrow(/classes/);
  });
});

describe('initialisation', () => {
  it('is He-normal with zero biases and named by its seed', () => {
    const theta = initialise(small, 3);
    const conv3 = theta.subarray(160 + 4640, 160 + 4640 + 64 * 288);
    const variance = conv3.reduce((sum, value) => sum + value * value, 0) / conv3.length;
    expect(variance / (2 / 288)).toBeGreaterThan(0.95);
    expect(variance / (2 / 288)).toBeLessThan(1.05);
    expect([...theta.subarray(144, 160)]).toEqual(new Array(16).fill(0));
    expect(initialise(small, 3)).toEqual(theta);
    expect(initialise(small, 4)).not.toEqual(theta);
  });

  it('starts the head near zero', () => {
    const h = headStart(small, 1);
    const deviation = Math.sqrt(h.subarray(0, 640).reduce((sum, value) => sum + value * value, 0) / 640);
    expect(deviation).toBeGreaterThan(0.009);
    expect(deviation).toBeLessThan(0.011);
    expect([...h.subarray(640)]).toEqual(new Array(10).fill(0));
  });
});
