/**
 * The networks that a finished comparison leaves, as files to take away (an arm's solution for a seed, with samples of its posterior where a sampler is chosen),
 * and weights from elsewhere measured as the arms were: on the test rows of a seed.
 */
import { LabError } from '../../core/errors.ts';
import { type Metrics, metricsOf } from '../../measure/metrics.ts';
import { decodeModel, encodeModel, type ModelAbout } from '../../prior/model-file.ts';
import type { Arm } from '../../prior/prior.ts';
import type { Studio } from '../surface/studio.ts';

/** A solution and what is to be said of it. Throws LabError('config') when the arm or seed is none of the comparison's, or was lost. */
export function solutionOf(studio: Studio, arm: Arm, seed: number): { theta: Float32Array; about: ModelAbout } {
  const { architecture, normalisation, dataset, outcome } = studio.input;
  const theta = outcome.solutions.find((one) => one.arm === arm && one.seed === seed)?.theta;
  const result = studio.result(arm, seed);
  if (!theta || !result) throw new LabError('config', `The last comparison has no solution of the arm ${arm} for seed ${seed}; choose another, or run it again.`);
  const { scale, headStrength, learningRate, test: { accuracy, nll } } = result;
  const about = {
    architecture, normalisation, classNames: dataset.classNames, arm, seed, scale, headStrength, learningRate, test: { accuracy, nll },
    dataset: dataset.name, n: studio.n(seed), created: new Date().toISOString(), licence: dataset.licence,
  };
  return { theta, about };
}

/** The solution as safetensors, with samples [D + H] of its posterior beside it. */
export function solutionFile(studio: Studio, arm: Arm, seed: number, samples: readonly Float32Array[] = []): Uint8Array<ArrayBuffer> {
  const { theta, about } = solutionOf(studio, arm, seed);
  return encodeModel(about, theta, samples);
}

/** How weights from elsewhere did on a seed's test rows. */
export interface WeightsScore {
  seed: number;
  rows: number;
  test: Metrics;
}

/** Throws LabError('file') on weights that are not of the comparison's network. */
export async function scoreWeights(studio: Studio, bytes: Uint8Array<ArrayBuffer>, file: string, seed: number): Promise<WeightsScore> {
  const { engine, architecture, data, dataset, splits } = studio.input;
  const split = splits[studio.index(seed)];
  if (!split) throw new LabError('config', `The last comparison has no seed ${seed}; choose one of ${studio.input.seeds.join(', ')}.`);
  if (dataset.maps) throw new LabError('config', 'Weights are measured here by one label an image, and these data have one a pixel; measure them where they were trained.');
  const thetas = [await decodeModel(bytes, file, architecture)];
  const { logits } = await engine.evaluate({ architecture, data, indices: split.test, logits: true, points: { kind: 'list', thetas } });
  const labels = Uint16Array.from(split.test, (row) => dataset.labels[row]!);
  return { seed, rows: labels.length, test: metricsOf(logits![0]!, labels, architecture.classes) };
}
