import { describe, expect, it } from 'vitest';
import { buildArchitecture, parameterTable, rebuiltFor } from './build.ts';
import { headStart, initialise } from './initialise.ts';
import { groupsOf } from './resnet.ts';
import { outputSize } from './size.ts';

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

  it('ResNet-8 and ResNet-14 have the parameters that PyTorch would count', () => {
    // Stem 3·3·3·16 + 2·16. Stages: two 3×3 convolutions and norms, and a 1×1 convolution and norm where the width grows. Head 64·10 + 10.
    const norm = (width: number) => 2 * width;
    const block = (from: number, to: number) => 9 * from * to + 9 * to * to + 2 * norm(to) + (from === to ? 0 : from * to + norm(to));
    const extractor = 432 + norm(16) + block(16, 16) + block(16, 32) + block(32, 64);
    const colour = { height: 32, width: 32, channels: 3 };
    const eight = buildArchitecture('resnet-8', { widths: [16, 32, 64], input: colour, classes: 10 });
    expect(parameterTable(eight)).toMatchObject({ extractor, head: 650, total: 78042 });
    const fourteen = parameterTable(buildArchitecture('resnet-14', { widths: [16, 32, 64], input: colour, classes: 10 }));
    expect(fourteen.extractor).toBe(extractor + block(16, 16) + block(32, 32) + block(64, 64));
    expect(fourteen.total).toBe(175258);
    const { entries } = parameterTable(eight);
    expect(entries.map(({ name, shape }) => `${name} ${shape.join('×')}`).filter((_, i) => i < 3 || (i > 8 && i < 19))).toEqual([
      'stem.weight 16×3×3×3', 'norm.weight 16', 'norm.bias 16', 'layer2.0.conv1.weight 32×16×3×3', 'layer2.0.norm1.weight 32', 'layer2.0.norm1.bias 32',
      'layer2.0.conv2.weight 32×32×3×3', 'layer2.0.norm2.weight 32', 'layer2.0.norm2.bias 32', 'layer2.0.shortcut.0.weight 32×16×1×1',
      'layer2.0.shortcut.1.weight 32', 'layer2.0.shortcut.1.bias 32', 'layer3.0.conv1.weight 64×32×3×3',
    ]);
    expect(entries.at(-2)!.offset).toBe(extractor);
  });

  it('a ResNet halves the image at its second and third stage, and at a stem of stride 2', () => {
    const sizes = (stem: 1 | 2) => {
      let size = { height: 29, width: 32, channels: 1 };
      return buildArchitecture('resnet-8', { widths: [4, 6, 12], stem, input: size, classes: 2 }).extractor.map((layer) => {
        size = outputSize(layer, size);
        return [size.height, size.width, size.channels];
      });
    };
    expect(sizes(1)).toEqual([[29, 32, 4], [29, 32, 4], [29, 32, 4], [15, 16, 6], [8, 8, 12], [1, 1, 12]]);
    expect(sizes(2)).toEqual([[15, 16, 4], [15, 16, 4], [15, 16, 4], [8, 8, 6], [4, 4, 12], [1, 1, 12]]);
  });

  it('norms have eight groups, or the largest divisor below', () => {
    expect([64, 16, 8, 12, 10, 9, 7, 1].map(groupsOf)).toEqual([8, 8, 8, 6, 5, 3, 7, 1]);
  });

  it('rebuilds for other images and classes what it built, the stem included', () => {
    const made = buildArchitecture('resnet-8', { widths: [4, 8, 8], stem: 2, input, classes: 3 });
    expect(rebuiltFor(made, { height: 40, width: 40, channels: 1 }, 5).extractor).toEqual(made.extractor);
    expect(rebuiltFor(small, input, 10)).toEqual(small);
  });

  it('refuses what cannot be built', () => {
    expect(() => buildArchitecture('resnet-8', { widths: [16, 32], input, classes: 10 })).toThrow(/has 3 stages/);
    const pixels = { height: 4, width: 4, channels: 1 };
    expect(() => buildArchitecture('resnet-8', { widths: [8, 8, 8], input: pixels, classes: 10 })).toThrow(/4×4 are too small/);
    expect(() => buildArchitecture('resnet-8', { widths: [8, 8, 32], input: pixels, classes: 10 })).not.toThrow();
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

  it('starts norms at γ = 1 and β = 0', () => {
    const resnet = buildArchitecture('resnet-8', { widths: [4, 4, 8], input, classes: 3 });
    const theta = initialise(resnet, 1);
    for (const { name, offset, size } of parameterTable(resnet).entries) {
      const values = new Set(theta.subarray(offset, offset + size));
      if (/norm\d?\.weight|shortcut\.1\.weight/.test(name)) expect(values).toEqual(new Set([1]));
      else if (name.endsWith('.bias')) expect(values).toEqual(new Set([0]));
      else expect(values.size).toBe(size);
    }
  });

  it('starts the head near zero', () => {
    const h = headStart(small, 1);
    const deviation = Math.sqrt(h.subarray(0, 640).reduce((sum, value) => sum + value * value, 0) / 640);
    expect(deviation).toBeGreaterThan(0.009);
    expect(deviation).toBeLessThan(0.011);
    expect([...h.subarray(640)]).toEqual(new Array(10).fill(0));
  });
});
