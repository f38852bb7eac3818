/** Wrong labels planted among held-out images are the first that are suspected after a real run of small networks. */
import '@tensorflow/tfjs-backend-wasm';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { logSoftmax } from '../../measure/metrics.ts';
import { Pace } from '../pace.ts';
import { Studio } from '../surface/studio.ts';
import { costOfSuspects, findSuspects } from './suspects.ts';
import { drain, smallComparison, smallSettings } from '../testing.ts';

/** Held-out rows whose labels are wrong; row 60 validates, the others test. */
const PLANTED = [60, 85, 99, 118];
const settings = smallSettings({ 'inference.steps': 60 });

async function studioOf(wrong: readonly number[]): Promise<Studio> {
  const made = await smallComparison(settings, (dataset) => ({ ...dataset, labels: dataset.labels.map((label, row) => (wrong.includes(row) ? (label + 1) % 3 : label)) }));
  return new Studio({ ...made, settings });
}

beforeAll(async () => {
  await setBackend('wasm');
});

it('puts planted wrong labels first, with what the networks say', async () => {
  const studio = await studioOf(PLANTED);
  const { suspects, strip, judged, networks } = await drain(findSuspects(studio, new Pace('surface', costOfSuspects(studio), '')));
  expect(judged).toBe(70);
  expect(networks).toBe(studio.input.outcome.solutions.length);
  expect(suspects.slice(0, PLANTED.length).map(({ row }) => row).sort((a, b) => a - b)).toEqual(PLANTED);
  for (const { label, guess, networks: by, agree, probability } of suspects.slice(0, PLANTED.length)) {
    expect(guess).toBe((label + 2) % 3);
    expect(agree).toBeGreaterThan(by / 2);
    expect(probability).toBeGreaterThan(1 / 3);
  }
  expect(strip!.columns).toBe(suspects.length);
  // The loss is the mean over networks of −log p(label), of every arm and seed that held the image out.
  const { engine, architecture, data, outcome, dataset } = studio.input;
  const { logits } = await engine.evaluate({ architecture, data, indices: Uint32Array.of(85), logits: true, points: { kind: 'list', thetas: outcome.solutions.map(({ theta }) => theta) } });
  const losses = logits!.map((one) => -logSoftmax(one, 0, 3, dataset.labels[85]!));
  expect(suspects.find(({ row }) => row === 85)!.loss).toBeCloseTo(losses.reduce((a, b) => a + b) / losses.length, 4);
}, 60_000);

it('suspects no image whose label the networks say, and no training image', async () => {
  const studio = await studioOf([]);
  expect(await drain(findSuspects(studio, new Pace('surface', costOfSuspects(studio), '')))).toMatchObject({ suspects: [], strip: null, judged: 70 });
}, 60_000);
