/**
 * The robustness measure: test images of every seed are damaged once (the same for every arm), put into the engine as
 * one data set a corruption, and answered by every network that was kept (networks.ts); networks of one arm and predictor
 * are averaged. On undamaged images, besides: what uncertainty says of images from outside, and where arms disagree most.
 */
import { type Corruption, corruptRows, SEVERITIES } from '../../data/corrupt.ts';
import type { Dataset, Normalisation, Split } from '../../data/dataset.ts';
import { sealed } from '../../data/hash.ts';
import { imageStrip } from '../../data/preview.ts';
import type { DataRef, Engine } from '../../engine/contract.ts';
import { ModelAverage } from '../../measure/average.ts';
import { type Detection, detection } from '../../measure/detection.ts';
import { type Metrics, NO_METRICS } from '../../measure/metrics.ts';
import type { Architecture } from '../../model/architecture.ts';
import { ARMS } from '../../prior/prior.ts';
import { type Candidate, disputedOf, mostDisputed } from './disputed.ts';
import type { LabEvent } from '../events.ts';
import { predictorName } from '../inference/inference-result.ts';
import type { Network } from './networks.ts';
import type { Outside } from './outside.ts';
import { inPieces, type Pace } from '../pace.ts';
import type { Robustness } from './robustness-result.ts';
import { type Measured, summariseRobustness, type Voter } from './robustness-summary.ts';

export interface RobustnessAsk {
  /** Test images of each seed that are damaged. */
  images: number;
  corruptions: readonly Corruption[];
  /** With which networks see the downstream images. */
  normalisation: Normalisation;
  outside: Outside;
}

export interface RobustnessInput extends RobustnessAsk {
  engine: Engine;
  architecture: Architecture;
  data: DataRef;
  /** What `data` holds. */
  dataset: Dataset;
  seeds: number[];
  splits: Split[];
  networks: readonly Network[];
}

/** Damaged images of so many bytes are held at once; more are made seed by seed. */
const MOST_BYTES = 32 * 2 ** 20;

/** Images passed forward by one network, of `test` that there are. */
export function robustnessWork({ images, corruptions, outside }: RobustnessAsk, test: number): number {
  return Math.min(images, test) * (1 + SEVERITIES.length * corruptions.length) + (outside.kind === 'images' ? outside.each : 0);
}

/** Yields progress of `pace`, in which `robustnessWork` of every network was counted. */
export async function* measureRobustness(input: RobustnessInput, pace: Pace): AsyncGenerator<LabEvent, Robustness> {
  const { seeds, corruptions, dataset, outside } = input;
  const reader = new Reader(input, pace);
  const measured = reader.voters.map((voter): Measured => ({
    ...voter, networks: reader.fewest(voter), clean: [], outside: [],
    corrupted: corruptions.map(() => SEVERITIES.map(() => seeds.map(() => NO_METRICS))),
  }));
  pace.label = 'Reading undamaged test images';
  const candidates: Candidate[] = [];
  const beyond = outside.kind === 'images' ? await input.engine.load(outside.dataset, input.normalisation) : null;
  try {
    for (const s of seeds.keys()) {
      const rows = reader.rows(s);
      const inside = yield* reader.averages(input.data, rows, reader.labels(s), s);
      candidates.push(...mostDisputed(inside, reader.voters, { seed: s, rows, labels: reader.labels(s) }));
      const each = outside.kind === 'images' ? outside.each : 0;
      const strange = beyond && (yield* reader.averages(beyond, Uint32Array.from({ length: each }, (_, i) => s * each + i), null, s));
      measured.forEach((one, g) => {
        one.clean.push(inside[g]!.metrics());
        one.outside.push(strange ? told(inside[g]!, strange[g]!) : NOTHING_TOLD);
      });
    }
  } finally {
    if (beyond) await input.engine.unload(beyond);
  }
  for (const [c, family] of corruptions.entries()) {
    yield* reader.corrupted(family, (s, severity, metrics) => measured.forEach((one, g) => (one.corrupted[c]![severity]![s] = metrics[g]!)));
  }
  const { images, rows } = disputedOf(candidates, seeds);
  return summariseRobustness({
    measured, seeds, images: Math.max(...seeds.map((_, s) => reader.rows(s).length)), corruptions,
    outside: outside.kind === 'images' ? { name: outside.name, images: outside.each } : null, outsideMissing: outside.kind === 'none' ? outside.reason : null,
    disputed: { classNames: [...dataset.classNames], images, strip: images.length > 0 ? imageStrip(dataset, rows) : null },
  });
}

const NOTHING: Detection = { auroc: NaN, ci95: null, auprOut: NaN, auprIn: NaN, fpr95: NaN };
const NOTHING_TOLD = { entropy: NOTHING, mutualInformation: NOTHING };

/** By how uncertain the predictions are; all NaN when no network of this seed survived. */
function told(inside: ModelAverage, outside: ModelAverage): Measured['outside'][number] {
  if (inside.samples === 0 || outside.samples === 0) return NOTHING_TOLD;
  return { entropy: detection(inside.predictiveEntropy(), outside.predictiveEntropy()), mutualInformation: detection(inside.mutualInformation(), outside.mutualInformation()) };
}

class Reader {
  readonly voters: Voter[];
  readonly #input: RobustnessInput;
  readonly #pace: Pace;
  /** Networks of each seed, and which voter each belongs to. */
  readonly #own: { thetas: Float32Array[]; voters: number[] }[];

  constructor(input: RobustnessInput, pace: Pace) {
    this.#input = input;
    this.#pace = pace;
    const found = new Map(input.networks.map(({ arm, predictor }) => [`${arm} ${predictorName(predictor)}`, { arm, predictor }]));
    this.voters = [...found.values()].sort((a, b) => ARMS.indexOf(a.arm) - ARMS.indexOf(b.arm));
    this.#own = input.seeds.map((_, s) => {
      const own = input.networks.filter(({ seed }) => seed === s);
      return { thetas: own.map(({ theta }) => theta), voters: own.map((network) => this.#voterOf(network)) };
    });
  }

  #voterOf({ arm, predictor }: Network): number {
    return this.voters.findIndex((voter) => voter.arm === arm && predictorName(voter.predictor) === predictorName(predictor));
  }

  /** Networks of a voter, of the seed that has the fewest (but some). */
  fewest(voter: Voter): number {
    const g = this.voters.indexOf(voter);
    const counts = this.#own.map(({ voters }) => voters.filter((one) => one === g).length).filter((count) => count > 0);
    return Math.min(...counts);
  }

  /** Test images of a seed that are looked at. */
  rows(s: number): Uint32Array {
    return this.#input.splits[s]!.test.subarray(0, this.#input.images);
  }

  labels(s: number): Uint16Array {
    return Uint16Array.from(this.rows(s), (row) => this.#input.dataset.labels[row]!);
  }

  /** What the networks of a seed say of rows of a data set, averaged by voter. */
  async* averages(data: DataRef, indices: Uint32Array, labels: Uint16Array | null, s: number): AsyncGenerator<LabEvent, ModelAverage[]> {
    const { engine, architecture } = this.#input;
    const { thetas, voters } = this.#own[s]!;
    const { logits } = yield* inPieces(this.#pace, thetas.length, indices.length, Math.max(1, engine.info.workers), (from, to) => engine.evaluate({
      architecture, data, indices, logits: true, points: { kind: 'list', thetas: thetas.slice(from, to) },
    }));
    const out = this.voters.map(() => new ModelAverage({ rows: indices.length, classes: architecture.classes, labels }));
    voters.forEach((voter, i) => out[voter]!.add(logits![i]!));
    return out;
  }

  /** Damages the images of every seed in one way at every severity and tells the metrics of every voter there; severities are counted from 0. */
  async* corrupted(family: Corruption, tell: (s: number, severity: number, metrics: Metrics[]) => void): AsyncGenerator<LabEvent, void> {
    const { dataset, seeds, engine, normalisation } = this.#input;
    const size = dataset.height * dataset.width * dataset.channels;
    const perSeed = SEVERITIES.length * Math.max(1, this.rows(0).length);
    const together = Math.max(1, Math.floor(MOST_BYTES / (perSeed * size)));
    for (let from = 0; from < seeds.length; from += together) {
      const part = seeds.slice(from, from + together).map((_, i) => from + i);
      this.#pace.label = `Damaging test images: ${family}`;
      const made = yield* this.#make(family, part);
      const data = await engine.load(made, normalisation);
      try {
        this.#pace.label = `Reading damaged test images: ${family}`;
        let at = 0;
        for (const s of part) {
          const labels = this.labels(s);
          for (const severity of SEVERITIES.keys()) {
            const first = at;
            const indices = Uint32Array.from(labels, (_, i) => first + i);
            at += labels.length;
            tell(s, severity, (yield* this.averages(data, indices, labels, s)).map((average) => average.metrics()));
          }
        }
      } finally {
        await engine.unload(data);
      }
    }
  }

  /** Rows seed by seed, within a seed severity by severity. */
  async* #make(family: Corruption, part: readonly number[]): AsyncGenerator<LabEvent, Dataset> {
    const { dataset, seeds } = this.#input;
    const size = dataset.height * dataset.width * dataset.channels;
    const count = part.reduce((sum, s) => sum + SEVERITIES.length * this.rows(s).length, 0);
    const images = new Uint8Array(count * size);
    const labels = new Uint16Array(count);
    let at = 0;
    for (const s of part) {
      for (const severity of SEVERITIES) {
        corruptRows(dataset, this.rows(s), { family, severity }, { seed: seeds[s]!, augmentation: null }, images, at * size);
        labels.set(this.labels(s), at);
        at += this.rows(s).length;
        yield this.#pace.progress();
      }
    }
    return sealed({ ...dataset, name: `${dataset.name} + ${family}`, images, labels, count });
  }
}
