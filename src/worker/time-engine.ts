/** A short timing of an engine on the kind of work the lab does, so that a visitor gets the faster of two. */
import { Stream } from '../core/philox.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Engine } from '../engine/contract.ts';
import { buildArchitecture } from '../model/build.ts';
import { initialise } from '../model/initialise.ts';

const SIDE = 28;
const ROWS = 50;
const CHAINS = 16;
const STEPS = 2;

/** Milliseconds a chain-step: ConvNet-S of widths 8-16-32, batch 50, 16 chains; a first step that compiles is not counted. */
export async function timeEngine(engine: Engine): Promise<number> {
  const input = { height: SIDE, width: SIDE, channels: 1 };
  const architecture = buildArchitecture('convnet-s', { widths: [8, 16, 32], input, classes: 10 });
  const data = await engine.load(noise(), { mean: 0, std: 1 });
  const indices = Uint32Array.from({ length: ROWS }, (_, i) => i);
  const population = await engine.populate({
    architecture, data, batch: ROWS, augmentation: null, momentum: 0.9, clip: 5, starts: [initialise(architecture, 1)], priors: [],
    chains: Array.from({ length: CHAINS }, () => ({
      start: 0, seed: 1, indices, schedule: { start: 0.01, end: 0.01, steps: 10 }, frozen: false, prior: null, headStrength: 10, sampler: null,
    })),
  });
  try {
    await population.advance(1);
    const start = performance.now();
    await population.advance(STEPS);
    return (performance.now() - start) / (STEPS * CHAINS);
  } finally {
    await population.dispose();
    await engine.unload(data);
  }
}

function noise(): Dataset {
  const stream = new Stream(1, 'shift');
  return {
    name: 'timing', images: Uint8Array.from({ length: ROWS * SIDE * SIDE }, () => stream.integer(256)),
    labels: Uint16Array.from({ length: ROWS }, (_, i) => i % 10), count: ROWS, height: SIDE, width: SIDE, channels: 1,
    classNames: Array.from({ length: 10 }, (_, i) => String(i)), sha256: '', licence: '',
  };
}
