/** How fast the loss surface is evaluated, and how fast moving λ makes a map anew. */
import type { Engine } from '../../../engine/contract.ts';
import { initialise } from '../../../model/initialise.ts';
import { objectiveOnPlane } from '../../../ui/surface/quantities.ts';
import { stepsFor, type Summary, summarise } from '../figures.ts';
import { timed } from './running.ts';
import { CONVNET_S, everyRow, network, noise, NORMALISATION } from './task.ts';

export interface SurfaceSpeed {
  /** The engine in words. */
  engine: string;
  pointsPerSecond: Summary;
}

const SAMPLES = 3;

/** Points of a plane, each on 512 images. */
export async function measureSurface(engine: Engine, ms: number): Promise<SurfaceSpeed> {
  const architecture = network(CONVNET_S);
  const data = await engine.load(noise(), NORMALISATION);
  const [origin, u, v] = [1, 2, 3].map((seed) => initialise(architecture, seed)) as [Float32Array, Float32Array, Float32Array];
  const evaluate = (count: number): Promise<number> => timed(() => engine.evaluate({
    architecture, data, indices: everyRow(), logits: false,
    points: { kind: 'plane', origin, u, v, coordinates: Float32Array.from({ length: 2 * count }, (_, i) => 0.1 * Math.cos(i)) },
  }));
  const { backend, workers, adapter } = engine.info;
  const few = backend === 'wasm' ? workers : 4;
  await evaluate(few);
  const count = few * stepsFor(ms, await evaluate(few), 256);
  const samples: number[] = [];
  for (let i = 0; i < SAMPLES; i++) samples.push((1e3 * count) / await evaluate(count));
  await engine.unload(data);
  return { engine: `${engine.info.engine} on ${backend}${backend === 'wasm' ? ` (${workers} workers)` : ` (${adapter ?? 'unnamed'})`}`, pointsPerSecond: summarise(samples) };
}

const RESOLUTION = 101;
const REPEATS = 20;

/** Milliseconds in which a map of 101×101 points is computed at another λ; drawing it comes on top. */
export function measureRecompute(): Summary {
  const axis = Array.from({ length: RESOLUTION }, (_, i) => i / (RESOLUTION - 1));
  const plane = { a: axis, b: axis, n: 100, trainNll: Array.from({ length: RESOLUTION ** 2 }, (_, k) => 1 + Math.sin(k)) };
  const scales = Array.from({ length: 141 }, (_, i) => 10 ** (i / 20));
  const prior = { family: 'low-rank' as const, chosenScale: 100, quadratics: { scales, coefficients: scales.map((scale) => [5, 1, 4, 1, 1, 1].map((x) => x / scale)) } };
  const samples: number[] = [];
  let kept = 0;
  for (let i = 0; i < 15; i++) {
    const start = performance.now();
    for (let k = 0; k < REPEATS; k++) kept += objectiveOnPlane(plane, prior, 3 + 7 * k + i)[k]!;
    samples.push((performance.now() - start) / REPEATS);
  }
  if (!Number.isFinite(kept)) throw new Error('The map was not finite.');
  return summarise(samples.slice(5)); // the first ones run before the code is compiled
}
