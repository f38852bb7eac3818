import { describe, expect, it } from 'vitest';
import { buildArchitecture, parameterTable } from './build.ts';
import { describeLayers } from './describe.ts';
import { headStart } from './initialise.ts';
import { segmentationOf } from './segmentation.ts';
import { sizeAfter, sizesAlong } from './size.ts';

const classifier = buildArchitecture('convnet-s', { widths: [16, 32, 64], input: { height: 28, width: 28, channels: 1 }, classes: 10 });
const network = segmentationOf(classifier, 4);

describe('a segmentation network', () => {
  it('has the extractor of the classifier, entry by entry, and its decoder as head', () => {
    const [own, source] = [parameterTable(network), parameterTable(classifier)];
    const extractor = (table: typeof own) => table.entries.filter(({ part }) => part === 'extractor');
    expect(extractor(own)).toEqual(extractor(source));
    expect(own.entries.filter(({ part }) => part === 'head').map(({ name, shape }) => `${name} ${shape.join('×')}`)).toEqual([
      'decoder.branches.0.weight 16×64×1×1', 'decoder.branches.0.bias 16', 'decoder.branches.1.weight 16×64×3×3',
      'decoder.laterals.0.weight 16×32×1×1', 'decoder.laterals.0.bias 16', 'decoder.laterals.1.weight 16×16×1×1', 'decoder.laterals.1.bias 16',
      'decoder.refine.weight 16×16×3×3', 'decoder.refine.bias 16', 'decoder.classifier.weight 4×16×1×1', 'decoder.classifier.bias 4',
    ]);
  });

  it.each([
    ['convnet-s', 1, 28, 28, [16, 32, 64]], ['convnet-s', 1, 17, 30, [4, 6, 8, 8]], ['convnet-s', 1, 5, 4, [3]], ['convnet-s', 1, 9, 9, [4, 4, 4, 4, 4, 4]],
    ['resnet-8', 1, 31, 28, [4, 8, 16]], ['resnet-8', 2, 72, 96, [8, 16, 32]], ['resnet-14', 2, 45, 45, [4, 8, 8]],
  ] as const)('of %s with stem %d gives logits of every pixel of %d×%d', (name, stem, height, width, widths) => {
    const own = segmentationOf(buildArchitecture(name, { widths: [...widths], stem, input: { height, width, channels: 3 }, classes: 2 }), 5);
    expect(sizeAfter([...own.extractor, ...own.decoder!], own.input)).toEqual({ height, width, channels: 5 });
    // Branches that join are of one shape.
    const maps = sizesAlong(own.extractor, own.input);
    let size = maps.at(-1)!;
    for (const layer of own.decoder!) {
      if (layer.kind === 'merge') {
        const shapes = layer.branches.map(({ from, layers }) => sizeAfter(layers, from === null ? size : maps[from]!));
        expect(new Set(shapes.map((shape) => JSON.stringify([shape.height, shape.width, shape.channels]))).size).toBe(1);
      }
      size = sizeAfter([layer], size);
    }
    const rows = describeLayers(own);
    const { entries, total } = parameterTable(own);
    expect(rows.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(total);
    expect(rows.flatMap((row) => row.tensors.map((tensor) => `${row.name}.${tensor}`))).toEqual(entries.map((entry) => `${entry.name} ${entry.shape.join('×')}`));
  });

  it('dilates where the last map has room: by 2 on 4×4, by 4 too on 12×9', () => {
    const dilations = (own: typeof network) => describeLayers(own).flatMap(({ what }) => /dilation (\d)/.exec(what)?.[1] ?? []);
    expect(dilations(network)).toEqual(['2']);
    expect(dilations(segmentationOf({ ...classifier, input: { height: 72, width: 96, channels: 1 } }, 4))).toEqual(['2', '4']);
  });

  it('starts its last layer small and those before by He, with no bias', () => {
    const { entries, extractor } = parameterTable(network);
    const h = headStart(network, 3);
    const deviation = (name: string) => {
      const { offset, size } = entries.find((entry) => entry.name === name)!;
      return Math.sqrt(h.subarray(offset - extractor, offset - extractor + size).reduce((sum, value) => sum + value * value, 0) / size);
    };
    expect(deviation('decoder.classifier.weight')).toBeGreaterThan(0.007);
    expect(deviation('decoder.classifier.weight')).toBeLessThan(0.013);
    expect(deviation('decoder.branches.1.weight') / Math.sqrt(2 / 576)).toBeCloseTo(1, 1);
    expect(deviation('decoder.refine.bias')).toBe(0);
  });

  it('is itself again for other classes, and none is made of networks without maps', () => {
    expect(segmentationOf(network, 4)).toEqual(network);
    for (const name of ['mlp', 'linear'] as const) {
      const flat = buildArchitecture(name, { widths: name === 'mlp' ? [5] : [], input: classifier.input, classes: 3 });
      expect(() => segmentationOf(flat, 3)).toThrow(/no maps to label pixels from/);
    }
  });
});
