import { describe, expect, it } from 'vitest';
import { sceneDownstream, type SceneOptions } from './scenes.ts';
import { syntheticSprite } from './testing.ts';

const sprite = syntheticSprite(2, 12);
const base: SceneOptions = {
  characters: '', seeds: [1, 2], n: 5, validation: 3, test: 6, size: 16, objects: 3, difficulty: 0.5, channels: 1, shift: 'none', severity: 1, validationFaces: 'disjoint',
};
const pixels = base.size ** 2;

describe('scenes of glyphs', () => {
  it('have a class at every pixel, of several kinds, and follow the seed', async () => {
    const { dataset, splits } = await sceneDownstream(sprite, base);
    expect(dataset).toMatchObject({ count: 28, height: 16, width: 16, channels: 1, classNames: ['ground', 'loops (0 6 8 9)', 'strokes (1 4 7)', 'bows (2 3 5)'] });
    expect(splits.map(({ train, validation, test }) => [train.length, validation.length, test.length])).toEqual([[5, 3, 6], [5, 3, 6]]);
    expect(new Set(dataset.maps)).toEqual(new Set([0, 1, 2, 3]));
    expect((await sceneDownstream(sprite, base)).dataset.sha256).toBe(dataset.sha256);
    expect((await sceneDownstream(sprite, { ...base, seeds: [1, 3] })).dataset.sha256).not.toBe(dataset.sha256);
  });

  it('of a smaller n are the first of a larger n', async () => {
    const [few, many] = [await sceneDownstream(sprite, { ...base, n: 2 }), await sceneDownstream(sprite, base)];
    const of = ({ dataset }: typeof few, row: number) => [dataset.images.subarray(row * pixels, (row + 1) * pixels), dataset.maps!.subarray(row * pixels, (row + 1) * pixels)];
    for (const part of ['train', 'validation', 'test'] as const) {
      few.splits[1]![part].forEach((row, i) => expect(of(few, row)).toEqual(of(many, many.splits[1]![part][i]!)));
    }
  });

  it('on black grounds have ink nowhere but where a glyph is', async () => {
    const { dataset } = await sceneDownstream(sprite, { ...base, difficulty: 0, objects: 1 });
    const [ink, ground] = [[] as number[], [] as number[]];
    dataset.images.forEach((value, i) => (dataset.maps![i] === 0 ? ground : ink).push(value));
    expect(Math.max(...ground)).toBeLessThanOrEqual(128);
    expect(ink.reduce((a, b) => a + b, 0) / ink.length).toBeGreaterThan(3 * (ground.reduce((a, b) => a + b, 0) / ground.length));
  });

  it('take characters as classes of their own, and colour', async () => {
    const { dataset } = await sceneDownstream(sprite, { ...base, characters: '37', channels: 3 });
    expect(dataset).toMatchObject({ channels: 3, classNames: ['ground', '3', '7'] });
    expect(Math.max(...dataset.maps!)).toBe(2);
    const grey = Array.from({ length: dataset.images.length / 3 }, (_, i) => new Set(dataset.images.subarray(3 * i, 3 * i + 3)).size === 1);
    expect(grey.filter((one) => one).length).toBeLessThan(0.3 * grey.length);
    await expect(sceneDownstream(sprite, { ...base, characters: '3!' })).rejects.toThrow('no character “!”');
    await expect(sceneDownstream(sprite, { ...base, n: 1e9 })).rejects.toThrow('MiB');
  });
});
