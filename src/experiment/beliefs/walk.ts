/**
 * A walk through the prior: from −3σ to +3σ along the k-th eigenvector of the low-rank covariance around the posterior
 * mean, with the source's head, and steps of the same length along a random direction as the control. Every stop is
 * evaluated once; the page shows the nearest.
 */
import { LabError } from '../../core/errors.ts';
import { type ContactSheet, imageStrip } from '../../data/preview.ts';
import { beliefsOf } from '../../measure/beliefs.ts';
import { covarianceDirection, randomUnit } from '../../measure/directions.ts';
import { parameterTable } from '../../model/build.ts';
import { along, coveredBy } from '../../prior/coverage.ts';
import { build } from '../../prior/families.ts';
import { learnedPosterior, type Reading } from './beliefs.ts';
import type { LabEvent } from '../events.ts';
import { inPieces, type Pace } from '../pace.ts';
import type { Experiment } from '../runner.ts';
import { joined } from '../source/source.ts';

const STOPS = 25;
const REACH = 3;
/** Images whose predictions are shown. */
export const SHOWN = 8;

export interface Walk {
  /** Eigenvector, from 0, of how many there are. */
  index: number;
  directions: number;
  /** λ, and σ of the prior along the eigenvector at this λ, parameter units. */
  scale: number;
  sigma: number;
  /** In σ [T]. */
  stops: number[];
  classNames: string[];
  strip: ContactSheet;
  /** Classes of the images shown. */
  labels: number[];
  /** Images that accuracy and entropy are of. */
  images: number;
  kinds: {
    kind: 'covariance' | 'random';
    /** Share named rightly, and mean entropy as a share of log C [T]; NaN where not finite. */
    accuracy: number[];
    entropy: number[];
    /** [T][image][class]. */
    probabilities: number[][][];
  }[];
}

/** Images passed forward. */
export function costOfWalk(reading: Reading): number {
  return 2 * STOPS * reading.rows.length;
}

/** `reading` is of the source. Throws LabError('config') when the covariance has no such direction. */
export async function* walkPrior(experiment: Experiment, reading: Reading, index: number, scale: number, pace: Pace): AsyncGenerator<LabEvent, Walk> {
  const { engine, config } = experiment;
  const posterior = learnedPosterior(experiment);
  const { entries, extractor } = parameterTable(posterior.architecture);
  const gaussian = build('low-rank', posterior.gaussian, entries, config['prior.covers']);
  const { architecture, data, dataset, rows, labels } = reading;
  const { classes } = architecture;
  const origin = joined(gaussian.mean, reading.head(0));
  const found = covarianceDirection(gaussian, index, origin.length);
  if (!found) throw new LabError('config', `The covariance has no direction ${index + 1}; choose one of the first ${gaussian.rank}.`);
  const sigma = Math.sqrt(scale * found.variance + config['prior.floor']);
  const stops = Array.from({ length: STOPS }, (_, i) => REACH * ((2 * i) / (STOPS - 1) - 1));
  const coordinates = Float32Array.from(stops.flatMap((stop) => [stop * sigma, 0]));
  const none = new Float32Array(origin.length);
  const control = joined(along(randomUnit(extractor, config.seed, index, extractor), coveredBy(config['prior.covers'], entries)), new Float32Array(origin.length - extractor));
  const kinds: Walk['kinds'] = [];
  for (const [kind, u] of [['covariance', found.u], ['random', control]] as const) {
    const { logits } = yield* inPieces(pace, STOPS, rows.length, engine.info.workers, (from, to) => engine.evaluate({
      architecture, data, indices: rows, logits: true, points: { kind: 'plane', origin, u, v: none, coordinates: coordinates.subarray(2 * from, 2 * to) },
    }));
    const said = logits!.map((one) => beliefsOf([one], labels, classes));
    kinds.push({
      kind, accuracy: said.map(({ accuracy }) => accuracy.mean), entropy: said.map(({ entropy }) => entropy.mean),
      probabilities: said.map(({ probabilities }) => Array.from({ length: Math.min(SHOWN, rows.length) }, (_, i) => [...probabilities.subarray(i * classes, (i + 1) * classes)])),
    });
  }
  const shown = rows.subarray(0, SHOWN);
  return {
    index, directions: gaussian.rank, scale, sigma, stops, classNames: [...dataset.classNames], strip: imageStrip(dataset, shown), labels: [...labels.subarray(0, SHOWN)],
    images: rows.length, kinds,
  };
}
