/** A comparison of networks that label pixels, on small scenes: what is told of it against the pixels' own logits. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Dataset, VOID } from '../../data/dataset.ts';
import { sceneDownstream } from '../../data/scenes.ts';
import { syntheticSprite } from '../../data/testing.ts';
import { NORMALISATION } from '../../engine/tfjs/testing.ts';
import { openTyped } from '../../engine/tfjs/open-typed.ts';
import { metricsOf } from '../../measure/metrics.ts';
import { segmentationOf as networkOf } from '../../model/segmentation.ts';
import { buildArchitecture, parameterTable } from '../../model/build.ts';
import { compare } from '../comparison/comparison.ts';
import { infer } from '../inference/inference.ts';
import { Studio } from '../surface/studio.ts';
import { measurePlane } from '../surface/planes.ts';
import { Pace } from '../pace.ts';
import { drain, posterior, smallSettings } from '../testing.ts';
import { segmentationOf } from './segmentation-result.ts';
import { costOfPictures, drawPictures } from './pictures.ts';
import { atSites, sitesOf } from './sites.ts';

const settings = smallSettings({ arms: ['none', 'probe', 'l2-sp'], 'inference.steps': 6, 'inference.batch': 2, 'sampling.method': 'ensemble', 'sampling.chains': 2, 'surface.resolution': 3, 'surface.train': 2, 'surface.test': 3 });

describe('a comparison over pixels', () => {
  let ready: Awaited<ReturnType<typeof compared>>;

  async function compared() {
    const made = await sceneDownstream(syntheticSprite(2, 12), { characters: '', seeds: [5, 6], n: 4, validation: 3, test: 5, size: 16, objects: 2, difficulty: 0.3, channels: 1, shift: 'none', severity: 0, validationFaces: 'disjoint' });
    const { splits } = made;
    const dataset: Dataset = { ...made.dataset, maps: made.dataset.maps!.map((label, i) => (i % 7 === 0 ? VOID : label)) };
    const architecture = networkOf(buildArchitecture('convnet-s', { widths: [4, 8], input: dataset, classes: 4 }), 4);
    const engine = await openTyped({ backend: 'wasm' });
    const data = await engine.load(dataset, NORMALISATION);
    const input = { engine, architecture, posterior, shift: null, data, dataset, seeds: [5, 6], splits, settings };
    return { ...input, outcome: await drain(compare(input)) };
  }

  beforeAll(async () => {
    ready = await compared();
  }, 60_000);

  it('tells of every pixel that has a class what its logits say', async () => {
    const { engine, architecture, data, dataset, splits, outcome } = ready;
    const { arm, seed, theta } = outcome.solutions.find((one) => one.arm === 'l2-sp' && one.seed === 6)!;
    const { logits } = await engine.evaluate({ architecture, data, indices: splits[1]!.test, logits: true, points: { kind: 'list', thetas: [theta] } });
    const area = 256;
    const labels = [...splits[1]!.test].flatMap((row) => [...dataset.maps!.subarray(row * area, (row + 1) * area)]);
    const seen = labels.map((_, i) => i).filter((i) => labels[i] !== VOID);
    const own = metricsOf(Float32Array.from(seen.flatMap((i) => [...logits![0]!.subarray(4 * i, 4 * i + 4)])), seen.map((i) => labels[i]!), 4);
    const told = outcome.arms.find((one) => one.arm === arm && one.seed === seed)!.test;
    expect(told.accuracy).toBeCloseTo(own.accuracy, 6);
    expect(told.ece).toBeCloseTo(own.ece, 4);
    // As many pixels of every image have a class, so that the mean over images is that over pixels up to rounding.
    expect(told.nll).toBeCloseTo(own.nll, 2);
    const classes = [0, 1, 2, 3].filter((c) => labels.includes(c));
    const answers = seen.map((i) => [0, 1, 2, 3].reduce((best, c) => (logits![0]![4 * i + c]! > logits![0]![4 * i + best]! ? c : best), 0));
    const iou = classes.map((c) => {
      const both = seen.filter((i, k) => labels[i] === c && answers[k] === c).length;
      return both / seen.filter((i, k) => labels[i] === c || answers[k] === c).length;
    });
    expect(told.meanIoU).toBeCloseTo(iou.reduce((a, b) => a + b, 0) / classes.length, 6);
    expect(outcome.segmentation!.arms.find((one) => one.arm === arm && one.seed === seed)!.iou.filter((value) => value !== null).map((value) => value.toFixed(6))).toEqual(iou.map((value) => value.toFixed(6)));
    expect(outcome.summaries.filter((one) => one.arm === 'l2-sp').map(({ metric }) => metric)).toEqual(['meanIoU', 'accuracy', 'nll', 'ece']);
  });

  it('averages networks pixel by pixel, has a loss surface, and no evidence', async () => {
    const inference = (await drain(infer({ ...ready })))!;
    expect(inference.evidence).toEqual([]);
    const single = inference.predictions.find((one) => one.arm === 'l2-sp' && one.seed === 5 && one.predictor.kind === 'single')!;
    const told = ready.outcome.arms.find((one) => one.arm === 'l2-sp' && one.seed === 5)!.test;
    // All pixels of so few images are read.
    expect(single.test.accuracy).toBeCloseTo(told.accuracy, 6);
    expect(single.test.meanIoU).toBeCloseTo(told.meanIoU!, 6);
    expect(inference.predictions.find((one) => one.predictor.kind === 'ensemble')).toMatchObject({ members: 2 });
    const studio = new Studio({ ...ready, normalisation: NORMALISATION });
    const plane = await drain(measurePlane(studio, { kind: 'points', points: ['pre-trained', 'none', 'l2-sp'] }, 5, 3, new Pace('surface', 9, '')));
    expect([...plane.testNll].every(Number.isFinite)).toBe(true);
  });

  it('reads averages at pixels evenly taken, none of them void', () => {
    const { dataset, splits } = ready;
    const sites = sitesOf(dataset, splits[0]!.test, 1);
    const area = dataset.height * dataset.width;
    sites.places.forEach((place, i) => {
      const label = dataset.maps![sites.images[Math.floor(place / area)]! * area + (place % area)]!;
      expect([label, label === VOID]).toEqual([sites.labels[i], false]);
    });
    const many = sitesOf({ ...dataset, count: 200, maps: new Uint8Array(200 * area) }, Uint32Array.from({ length: 200 }, (_, i) => i), 1);
    expect([many.images.length, many.places.length]).toEqual([64, 8192]);
    expect([...atSites(Float32Array.of(0, 1, 2, 3, 4, 5), { ...sites, places: Uint32Array.of(2, 0) }, 2)]).toEqual([4, 5, 0, 1]);
  });

  it('draws what every arm says of the images it is least sure of', async () => {
    const studio = new Studio({ ...ready, normalisation: NORMALISATION });
    const pictures = await drain(drawPictures(studio, 5, new Pace('surface', costOfPictures(studio, 5), '')));
    expect(pictures).toMatchObject({ seed: 5, lookedAt: 5, height: 16, width: 16 });
    expect(pictures.arms.map(({ arm, answers }) => [arm, answers.length])).toEqual([['none', 5], ['probe', 5], ['l2-sp', 5]]);
    // The answers are those that the verdict counted.
    const right = pictures.images.reduce((sum, { truth }, i) => sum + truth.filter((label, p) => label === pictures.arms[2]!.answers[i]![p]).length, 0);
    const classed = pictures.images.reduce((sum, { truth }) => sum + truth.filter((label) => label !== VOID).length, 0);
    expect(right / classed).toBeCloseTo(ready.outcome.arms.find((one) => one.arm === 'l2-sp' && one.seed === 5)!.test.accuracy, 6);
    expect(pictures.images.map(({ entropy }) => entropy)).toEqual(pictures.images.map(({ entropy }) => entropy).sort((a, b) => b - a));
    await expect(drain(drawPictures(studio, 7, new Pace('surface', 1, '')))).rejects.toThrow('choose one of 5, 6');
  });

  it('leaves out classes that a seed does not have', () => {
    const found = segmentationOf([{ arm: 'none', seed: 1 }, { arm: 'none', seed: 2 }], [Float64Array.of(3, 1, 0, 0), Float64Array.of(2, 0, 1, 1)], { classNames: ['a', 'b'], height: 2, width: 2 });
    expect(found.arms.map(({ iou }) => iou)).toEqual([[0.75, null], [2 / 3, 0.5]]);
    expect(found.classes.map(({ mean, seeds }) => [mean, seeds])).toEqual([[(0.75 + 2 / 3) / 2, 2], [0.5, 1]]);
    expect(parameterTable(ready.architecture).extractor).toBe(posterior.mean.length);
  });
});
