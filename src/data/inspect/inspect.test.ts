/** Statistics and mean images against direct computation; planted duplicates found, none in clean data, none missed beside brute force. */
import { describe, expect, it } from 'vitest';
import { Stream } from '../../core/philox.ts';
import { smallDataset } from '../testing.ts';
import { classImages, classMoments } from './class-images.ts';
import { DUPLICATE_MEASURE, MOST_DIFFERENCE, MOST_SHARE, nearDuplicates, nearDuplicatesWithin, type Search } from './duplicates.ts';
import { blockOf, rowsOfClass } from './browse.ts';
import { greyInto } from './grey.ts';
import { leakageOf } from './leakage.ts';
import { imageStatistics, shiftInWords, standardisedDifference, statisticsOf } from './statistics.ts';

/** Smooth random images, as photographs are: a few waves each. [count, size, size, channels] */
function waves(count: number, size: number, channels: number, seed: number, classes = 3) {
  const stream = new Stream(seed, 'subset', 1);
  const images = new Uint8Array(count * size * size * channels);
  for (let i = 0; i < count; i++) {
    const wave = Array.from({ length: 3 }, () => [stream.uniform() * 0.8, stream.uniform() * 0.8, stream.uniform() * 6, 20 + 60 * stream.uniform()] as const);
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const value = wave.reduce((sum, [a, b, phase, height]) => sum + height * Math.sin(a * x + b * y + phase), 128);
        for (let c = 0; c < channels; c++) images[((i * size + y) * size + x) * channels + c] = Math.min(255, Math.max(0, value + 3 * c));
      }
    }
  }
  return smallDataset(images, Array.from({ length: count }, (_, i) => i % classes), { height: size, width: size, channels });
}

/** A search driven to its end without a pause. */
function ended<T>(search: Search<T>): T {
  for (;;) {
    const step = search.next();
    if (step.done) return step.value;
  }
}

const rows = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i);

describe('image statistics', () => {
  it('of a known image', () => {
    // A bright column on black, 4×4: brightness ¼, contrast √(¼·¾).
    const grey = Float32Array.from({ length: 16 }, (_, i) => (i % 4 === 1 ? 1 : 0));
    const found = statisticsOf(grey, 4, 4);
    expect(found.brightness).toBeCloseTo(0.25, 6);
    expect(found.contrast).toBeCloseTo(Math.sqrt(0.1875), 6);
    // Two of twelve border pixels are bright.
    expect(found.border).toBeCloseTo(2 / 12, 6);
    // Forward differences of the upper left 3×3: columns 0 and 1 have gradient 1, column 2 none.
    expect(found.edges).toBeCloseTo(6 / 9, 6);
    // Laplacian of the inner 2×2: −2 on the column, +1 beside it; its deviation 1.5.
    expect(found.sharpness).toBeCloseTo(1.5 / Math.sqrt(0.1875), 5);
    expect(statisticsOf(new Float32Array(9).fill(0.4), 3, 3)).toMatchObject({ contrast: 0, edges: 0, sharpness: 0 });
    expect(statisticsOf(Float32Array.of(0.5), 1, 1)).toEqual({ brightness: 0.5, border: 0.5, contrast: 0, edges: 0, sharpness: 0 });
  });

  it('have the mean and deviation over images that direct computation has', () => {
    const data = waves(40, 9, 3, 4);
    const means = Array.from({ length: 40 }, (_, i) => Array.from(data.images.subarray(i * 243, (i + 1) * 243)).reduce((a, b) => a + b, 0) / 243 / 255);
    const mean = means.reduce((a, b) => a + b) / 40;
    const { spreads, images } = imageStatistics(data, rows(0, 40));
    expect(images).toBe(40);
    expect(spreads.brightness.mean).toBeCloseTo(mean, 5);
    expect(spreads.brightness.sd).toBeCloseTo(Math.sqrt(means.reduce((sum, m) => sum + (m - mean) ** 2, 0) / 39), 5);
  });

  it('tell in words what is different, and nothing where nothing is', () => {
    const source = waves(200, 12, 1, 1);
    const same = waves(200, 12, 1, 2);
    const of = (data: typeof source) => imageStatistics(data, rows(0, data.count));
    expect(shiftInWords(of(source), of(same))).toMatch(/look much like the source's/);
    const dark = { ...source, images: source.images.map((v) => v / 4) };
    expect(shiftInWords(of(source), of(dark))).toMatch(/darker.*shift of the inputs/);
    const stream = new Stream(3, 'subset', 2);
    const noisy = { ...source, images: source.images.map((v) => Math.min(255, Math.max(0, v + 80 * stream.normal()))) };
    expect(shiftInWords(of(source), of(noisy))).toMatch(/finer or noisier in detail/);
    const ink = smallDataset(Uint8Array.from({ length: 50 * 144 }, (_, i) => (((i % 144) === 60 + (i % 5)) ? 250 : 3)), new Array<number>(50).fill(1), { height: 12, width: 12, channels: 1 });
    const paper = { ...ink, images: ink.images.map((v) => 255 - v) };
    expect(shiftInWords(of(ink), of(paper))).toMatch(/Light and dark seem to be swapped/);
    expect(shiftInWords(of(source), of(waves(50, 16, 3, 5)))).toMatch(/16×16 pixels instead of 12×12.*in colour/);
    expect(standardisedDifference({ mean: 1, sd: 2 }, { mean: 4, sd: 4 })).toBeCloseTo(3 / Math.sqrt(10), 9);
  });
});

describe('class images', () => {
  it('are the mean and deviation of every pixel by class', () => {
    const data = waves(30, 6, 3, 9);
    const { counts, mean, deviation } = classMoments(data, rows(0, 29));
    expect(counts).toEqual([10, 10, 9]);
    const values = Array.from({ length: 9 }, (_, k) => data.images[(3 * k + 2) * 108 + 17]! / 255);
    const direct = values.reduce((a, b) => a + b) / 9;
    expect(mean[2]![17]).toBeCloseTo(direct, 6);
    expect(deviation[2]![17]).toBeCloseTo(Math.sqrt(values.reduce((sum, v) => sum + (v - direct) ** 2, 0) / 9), 5);
  });

  it('are drawn one tile a class', () => {
    const data = smallDataset(Uint8Array.of(0, 255, 102, 0, 255, 102), [0, 0, 1, 0, 0, 1].slice(0, 6), { height: 1, width: 1, channels: 1 });
    const { mean, deviation } = classImages(data, rows(0, 6));
    expect([mean.rgba[0], mean.rgba[8], mean.width, mean.columns]).toEqual([128, 102, 3, 2]);
    expect([deviation.rgba[0], deviation.rgba[8]]).toEqual([255, 0]);
  });
});

describe('near-duplicates', () => {
  /** Every pair by the definition alone. */
  function direct(data: ReturnType<typeof waves>, learned: Uint32Array, tested: Uint32Array): Set<string> {
    const pixels = data.height * data.width;
    const grey = Array.from({ length: data.count }, (_, row) => {
      const out = new Float32Array(pixels);
      greyInto(data, row, out);
      return out;
    });
    const contrast = grey.map((g) => Math.sqrt(g.reduce((s, v) => s + v * v, 0) / pixels - (g.reduce((s, v) => s + v, 0) / pixels) ** 2));
    const found = new Set<string>();
    for (const b of tested) {
      for (const a of learned) {
        const rms = Math.sqrt(grey[a]!.reduce((sum, v, p) => sum + (v - grey[b]![p]!) ** 2, 0) / pixels);
        if (a !== b && rms <= Math.min(MOST_DIFFERENCE, MOST_SHARE * contrast[a]!, MOST_SHARE * contrast[b]!)) found.add(`${b}`);
      }
    }
    return found;
  }

  it.each([[28, 1], [13, 3], [7, 1]])('planted ones are found and clean data have none (%i px, %i channels)', (size, channels) => {
    const data = waves(400, size, channels, 11);
    const [learned, tested] = [rows(0, 300), rows(300, 400)];
    expect(ended(nearDuplicates(data, learned, tested))).toEqual([]);
    const images = data.images.slice() as Uint8Array<ArrayBuffer>;
    const length = size * size * channels;
    const stream = new Stream(5, 'subset', 3);
    const plant = (from: number, to: number, change: (v: number) => number) => {
      for (let p = 0; p < length; p++) images[to * length + p] = Math.min(255, Math.max(0, Math.round(change(data.images[from * length + p]!))));
    };
    plant(7, 310, (v) => v); // the same
    plant(8, 320, (v) => v + 3 * stream.normal()); // as another compression leaves it
    plant(9, 330, (v) => v + 4); // a little brighter
    plant(10, 340, (v) => v + 40 * stream.normal()); // too noisy to be called the same
    const found = ended(nearDuplicates({ ...data, images }, learned, tested));
    expect(found.map(({ first, second }) => [first, second])).toEqual([[7, 310], ...[[8, 320], [9, 330]].sort((a, b) => found.findIndex((f) => f.second === a[1]) - found.findIndex((f) => f.second === b[1]))]);
    expect(found[0]!.difference).toBe(0);
  });

  it('misses none that brute force finds, on images that are all alike', () => {
    const base = waves(1, 10, 1, 2);
    const stream = new Stream(8, 'subset', 4);
    const images = Uint8Array.from({ length: 300 * 100 }, (_, i) => Math.min(255, Math.max(0, base.images[i % 100]! + (4 + (Math.floor(i / 100) % 9)) * stream.normal())));
    const data = smallDataset(images, new Array<number>(300).fill(0).map((_, i) => i % 2), { height: 10, width: 10, channels: 1 });
    const [learned, tested] = [rows(0, 200), rows(200, 300)];
    const expected = direct(data, learned, tested);
    expect(expected.size).toBeGreaterThan(10);
    expect(expected.size).toBeLessThan(100);
    expect(new Set(ended(nearDuplicates(data, learned, tested)).map(({ second }) => `${second}`))).toEqual(expected);
  });

  it('flat images are not all called the same, and a pair within one set is told once', () => {
    const flat = smallDataset(new Uint8Array(20 * 64).map((_, i) => 100 + (Math.floor(i / 64) % 3)), new Array<number>(20).fill(0).map((_, i) => i % 2), { height: 8, width: 8, channels: 1 });
    expect(ended(nearDuplicatesWithin(flat, rows(0, 20))).filter(({ difference }) => difference > 0)).toEqual([]);
    const data = waves(50, 8, 1, 21);
    const images = data.images.slice() as Uint8Array<ArrayBuffer>;
    images.copyWithin(30 * 64, 4 * 64, 5 * 64);
    expect(ended(nearDuplicatesWithin({ ...data, images }, rows(0, 50)))).toEqual([{ first: 30, second: 4, difference: 0 }]);
    expect(DUPLICATE_MEASURE).toMatch(/8 of 255 levels/);
  });
});

describe('leakage', () => {
  const data = waves(60, 8, 1, 31);
  const images = data.images.slice() as Uint8Array<ArrayBuffer>;
  images.copyWithin(50 * 64, 4 * 64, 5 * 64); // row 4 has class 1, row 50 class 2
  images.copyWithin(51 * 64, 3 * 64, 4 * 64); // both of class 0
  const parts = Uint8Array.from({ length: 60 }, (_, row) => (row < 40 ? 0 : row < 48 ? 1 : 2));

  it('is told between the test part and the rest, with examples of both', () => {
    const found = ended(leakageOf({ ...data, images, parts }));
    expect(found).toMatchObject({ count: 2, pairs: [{ first: 'b', second: 'c', difference: 0 }, { first: 'a', second: 'a', difference: 0 }] });
    expect(found.sentence).toBe('2 of 12 test images have a near-duplicate among 48 images to learn from, 1 of them under another label: test results are better than they would be on new images.');
    expect(found.firsts!.rgba).toEqual(found.seconds!.rgba);
    expect(ended(leakageOf({ ...data, parts }))).toMatchObject({ count: 0, firsts: null, sentence: expect.stringMatching(/^No test image has.*12 against 48/) as string });
  });

  it('is told among all images where data come without splits', () => {
    expect(ended(leakageOf({ ...data, images }))).toMatchObject({ count: 2, sentence: expect.stringMatching(/^2 pairs of near-duplicates among 60 images.*a random split/) as string });
  });
});

it('a block of the grid holds the images asked for, in their order', () => {
  const data = smallDataset(Uint8Array.of(10, 20, 30, 40, 50), [0, 1, 0, 1, 0], { height: 1, width: 1, channels: 1 });
  expect([...rowsOfClass(data, 0)]).toEqual([0, 2, 4]);
  const { sheet, labels } = blockOf(data, rowsOfClass(data, null), 1, 9, 3);
  expect(labels).toEqual([1, 0, 1, 0]);
  expect([sheet.width, sheet.height]).toEqual([5, 3]);
  const at = (x: number, y: number) => [sheet.rgba[4 * (y * 5 + x)], sheet.rgba[4 * (y * 5 + x) + 3]];
  expect([at(0, 0), at(2, 0), at(4, 0), at(0, 2), at(2, 2)]).toEqual([[20, 255], [30, 255], [40, 255], [50, 255], [0, 0]]);
});
