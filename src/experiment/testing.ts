/** For tests of what follows a comparison: a finished one of small networks on two seeds, and a generator run to its end. */
import { gaussianAround, NORMALISATION, range, stripes } from '../engine/tfjs/testing.ts';
import { openTyped } from '../engine/tfjs/open-typed.ts';
import type { Dataset, Split } from '../data/dataset.ts';
import { buildArchitecture, parameterTable } from '../model/build.ts';
import { initialise } from '../model/initialise.ts';
import { compare } from './comparison/comparison.ts';
import { type Config, defaults } from './config/config.ts';
import type { LabEvent } from './events.ts';

export const SEEDS = [5, 6];

export const architecture = buildArchitecture('convnet-s', { widths: [4, 8], input: { height: 8, width: 8, channels: 1 }, classes: 3 });
export const posterior = gaussianAround(initialise(architecture, 7).slice(0, parameterTable(architecture).extractor), 3);

/** The smoke preset with two settings an arm and twelve steps. */
export function smallSettings(change: Partial<Config> = {}): Config {
  return {
    ...defaults('smoke'), arms: ['none', 'l2-sp', 'low-rank'], 'inference.steps': 12, 'inference.batch': 10,
    'grid.scales': [10, 100], 'grid.isotropicScales': [1e3, 1e4], 'grid.learningRates': [0.03, 0.1], ...change,
  };
}

/** Images of 120 stripes in three classes, `changed` if wished; 30 rows to train on, 30 to validate, 40 to test. */
export async function smallComparison(settings: Config, changed = (dataset: Dataset) => dataset) {
  const engine = await openTyped({ backend: 'wasm' });
  const dataset = changed(stripes(architecture, 120));
  const data = await engine.load(dataset, NORMALISATION);
  const splits = SEEDS.map((_, s): Split => ({ train: range(10 * s, 10 * s + 30), validation: range(50, 80), test: range(80, 120) }));
  const input = { engine, architecture, posterior, shift: null, data, dataset, normalisation: NORMALISATION, seeds: SEEDS, splits };
  return { ...input, outcome: await drain(compare({ ...input, settings })) };
}

/** What a generator returns; its events go to `events`. */
export async function drain<T>(work: AsyncGenerator<LabEvent, T>, events: LabEvent[] = []): Promise<T> {
  for (;;) {
    const step = await work.next();
    if (step.done) return step.value;
    events.push(step.value);
  }
}
