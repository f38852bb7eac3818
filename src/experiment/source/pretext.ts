/**
 * Self-supervised source training: which objective the settings ask for, the network it trains, and the linear probe that stands in for the head it
 * has not: heads fitted to the source's labels on the frozen features of the mean, so that whatever asks the source's head can be asked.
 */
import { Stream } from '../../core/philox.ts';
import type { DataRef, Engine, Objective } from '../../engine/contract.ts';
import { fitProbe, type Labelled, type Probe, standardiser } from '../../measure/probe.ts';
import type { Architecture } from '../../model/architecture.ts';
import { projectionOf } from '../../model/projection.ts';
import type { Config } from '../config/config.ts';
import type { LabEvent } from '../events.ts';
import type { Pace } from '../pace.ts';
import type { SourceTask } from '../tasks.ts';

/** null: labels. The source's augmentation is the affine part of the views. */
export function pretextOf(config: Config, { augmentation: affine }: Pick<SourceTask, 'augmentation'>): Objective | null {
  const views = {
    affine, crop: config['source.crop'], flip: config['source.flip'] === 'horizontal', jitter: config['source.jitter'],
    blur: config['source.blur'], noise: config['source.noise'], cutout: config['source.cutout'],
  };
  const method = config['source.method'];
  switch (method) {
    case 'supervised': return null;
    case 'simclr': return { kind: 'nt-xent', temperature: config['source.temperature'], views };
    case 'vicreg': return { kind: 'vicreg', variance: config['source.varianceWeight'], covariance: config['source.covarianceWeight'], views };
    default: return method satisfies never;
  }
}

/** What is trained for a classifier's extractor. */
export function trainedNetwork(architecture: Architecture, config: Config): Architecture {
  return config['source.method'] === 'supervised' ? architecture : projectionOf(architecture, config['source.projection']);
}

/** Source images a probe is fitted to, and those of them that choose its penalty. */
const MOST_ROWS = 2500;
const HELD_OUT = 0.2;
/** Iterations that a probe is reckoned to take, and what one costs, as a share of a row's forward pass. */
const ITERATIONS = 150;
const ITERATION_COST = 0.03;
/** Iterations between two events. */
const PIECE = 10;

export interface ProbeInput {
  engine: Engine;
  architecture: Architecture;
  task: SourceTask;
  data: DataRef;
  config: Config;
}

/** Rows whose forward pass would take as long. */
export function probeCost({ task: { train } }: Pick<ProbeInput, 'task'>, means: number): number {
  const rows = Math.min(MOST_ROWS, train.length);
  return means * rows * (1 + ITERATIONS * ITERATION_COST);
}

/** Heads h [H] of linear probes (`measure/probe.ts`) on the extractors of `starts`, each [D + H]; zeros where features are not finite. */
export async function* probeHeads(input: ProbeInput, starts: Float32Array[], pace: Pace): AsyncGenerator<LabEvent, Float32Array[]> {
  const { engine, architecture, task, data, config } = input;
  const { head, classes } = architecture;
  if (!head) throw new RangeError('A linear probe reads the features of a network with a head.');
  const rows = new Stream(config.seed, 'subset').shuffle(task.train.slice()).slice(0, MOST_ROWS);
  const held = Math.max(1, Math.floor(HELD_OUT * rows.length));
  const label = 'Fitting a linear probe to the learned features';
  const heads: Float32Array[] = [];
  for (const start of starts) {
    const [features] = await pace.work(rows.length, () => engine.features({ architecture, data, indices: rows, thetas: [start] }));
    yield pace.progress(label);
    const part = (from: number, to: number): Labelled => ({
      features: features!.subarray(from * head.inputs, to * head.inputs), labels: Uint16Array.from(rows.subarray(from, to), (row) => task.dataset.labels[row]!),
    });
    const fitted = part(held, rows.length);
    if (!features!.every(Number.isFinite)) {
      heads.push(new Float32Array(classes * (head.inputs + 1)));
      continue;
    }
    const fitting = fitProbe(fitted, part(0, held), head.inputs, classes);
    let left = ITERATIONS;
    for (let done: Probe | null = null; !done;) {
      const units = Math.max(1, Math.min(PIECE, left) * rows.length * ITERATION_COST);
      left -= Math.min(PIECE, left);
      done = await pace.work(units, async () => {
        for (let i = 0; i < PIECE; i++) {
          const step = fitting.next();
          if (step.done) return step.value;
        }
        return null;
      });
      yield pace.progress(label);
      if (done) heads.push(headOf(done.weights, standardiser(fitted.features, head.inputs), head.inputs, classes));
    }
    pace.drop(left * rows.length * ITERATION_COST);
  }
  return heads;
}

/** W [C, F] and b [C] of standardised features (x − m)·s as those of the features themselves: W·s and b − W·(m·s). */
function headOf(weights: Float64Array, standard: (features: ArrayLike<number>) => Float64Array, dimensions: number, classes: number): Float32Array {
  const zero = standard(new Float64Array(dimensions));
  const scale = standard(new Float64Array(dimensions).fill(1)).map((one, f) => one - zero[f]!);
  const h = Float32Array.from(weights);
  for (let c = 0; c < classes; c++) {
    let shift = 0;
    for (let f = 0; f < dimensions; f++) {
      h[c * dimensions + f] = weights[c * dimensions + f]! * scale[f]!;
      shift += weights[c * dimensions + f]! * zero[f]!;
    }
    h[classes * dimensions + c] = weights[classes * dimensions + c]! + shift;
  }
  return h;
}
