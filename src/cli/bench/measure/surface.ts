/** How fast the loss surface is evaluated, and how fast moving λ makes a map anew. */
import type { Engine } from '../../../engine/contract.ts';
import { initialise } from '../../../model/initialise.ts';
import type { Plane } from '../../../experiment/result.ts';
import { linspace } from '../../../measure/plane.ts';
import { RATIOS } from '../../../measure/quadratic.ts';
import { fieldMinimum } from '../../../ui/surface/field.ts';
import { livePictures, type MapPicture, type Shown, stillPictures } from '../../../ui/surface/pictures.ts';
import { drawField } from '../../../ui/surface/raster.ts';
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
/** Of a map among four on a page 1440 wide. */
const PIXELS = { width: 280, height: 220 };

/**
 * Milliseconds in which four maps of 101×101 points are computed and drawn at another λ, as on the page: the training
 * objective under three priors and one map that stays. What the browser adds to put pixels on the screen is not in it.
 */
export function measureRedraw(): Summary {
  const plane = bowl();
  const choice: Shown = { compare: 'priors', quantities: ['objective'], family: null, temperature: 1, sameColours: false, ellipses: true };
  // Without a browser there is no canvas to put the pixels on.
  const canvas = globalThis.OffscreenCanvas ? new OffscreenCanvas(PIXELS.width, PIXELS.height).getContext('2d') : null;
  const image = canvas?.createImageData(PIXELS.width, PIXELS.height);
  const pixels = image ? new Uint32Array(image.data.buffer) : new Uint32Array(PIXELS.width * PIXELS.height);
  const draw = (maps: readonly MapPicture[]) => {
    for (const { field, scale } of maps) {
      drawField(field.values, RESOLUTION, RESOLUTION, scale, pixels, PIXELS.width, PIXELS.height);
      canvas?.putImageData(image!, 0, 0);
    }
    return maps.reduce((sum, { field }) => sum + (fieldMinimum(field)?.refined.value ?? NaN), 0);
  };
  const samples: number[] = [];
  let kept = 0;
  for (let i = 0; i < 60; i++) {
    const setting = { factor: 10 ** (Math.sin(i) * 2), floor: 0, rank: null };
    const start = performance.now();
    const maps = [...livePictures(plane, choice, setting, new Map()), ...stillPictures(plane, choice, setting)];
    kept += draw(maps);
    samples.push(performance.now() - start);
    if (maps.length !== 4) throw new Error('The view has not four maps.');
  }
  if (!Number.isFinite(kept)) throw new Error('A map was not finite.');
  return summarise(samples.slice(10)); // the first ones run before the code is compiled
}

/** A plane with a bent valley and three priors on it. */
function bowl(): Plane {
  const axis = linspace(-1, 3, RESOLUTION);
  const values = Float32Array.from({ length: RESOLUTION ** 2 }, (_, k) => {
    const [a, b] = [axis[k % RESOLUTION]!, axis[Math.floor(k / RESOLUTION)]!];
    return 1 + 0.3 * (a - 1) ** 2 + (b - 0.4 * a * a) ** 2;
  });
  const priors = (['low-rank', 'l2-sp', 'isotropic'] as const).map((family, i) => ({
    family, rank: 0, chosenScale: 100, head: [1, 0, 1, 0, 0, 0], extractor: RATIOS.map((ratio) => [5 + i, 1, 4, 1, 1, 1].map((x) => (1e4 * x) / (1 + 1e5 * ratio))),
  }));
  return {
    key: 'bowl', spec: { kind: 'points', points: ['pre-trained', 'none', 'low-rank'] }, seed: 1, title: 'A bowl', axes: ['a', 'b'], a: axis, b: axis, n: 100, rows: { train: 100, test: 512 },
    trainNll: values, testNll: values.map((value) => value + 0.1), trainAccuracy: values, testAccuracy: values, measured: new Uint8Array(values.length).fill(1), points: [], priors, degenerate: false,
  };
}
