/**
 * The inference stage: what the posterior under each prior predicts beyond its MAP solution. A deep ensemble of MAP
 * chains is the baseline to beat; samplers run at each temperature, and their networks are averaged as they are drawn
 * (mean of probabilities), so that no sample has to be kept. Beside the averages: whether the chains sampled. Where damaged
 * images are asked for, a few networks are kept until robustness.ts has read those.
 */
import type { Dataset } from '../data/dataset.ts';
import type { Engine, Evaluation, Population } from '../engine/contract.ts';
import { ModelAverage } from '../measure/average.ts';
import { diagnosticsOf, directionsFollowed, type DrawnChain, Scribe } from './chain-diagnostics.ts';
import type { ComparisonOutcome } from './comparison.ts';
import type { LabEvent } from './events.ts';
import type { Inference, Predictor } from './inference-result.ts';
import { ensembleOf, type Member, type Members, type MembersInput, samplersOf, samplingSteps } from './members.ts';
import { inPieces, Pace, TRAINING_COST } from './pace.ts';
import { type Drawn, inferenceOf } from './predictions.ts';
import { keptSamples, type Network, networkOf } from './networks.ts';
import { measureRobustness, type RobustnessAsk, robustnessWork } from './robustness.ts';
import { isFamily } from '../prior/prior.ts';

export interface InferenceInput extends Omit<MembersInput, 'arms'> {
  engine: Engine;
  /** What `data` holds. */
  dataset: Dataset;
  outcome: ComparisonOutcome;
  /** Damaged images and images from outside; null or absent: none. */
  robustness?: RobustnessAsk | null;
}

/** Yields progress; null when there is nothing beyond MAP (or no arm with a proper prior) and no damaged images were asked for. */
export async function* infer(input: InferenceInput): AsyncGenerator<LabEvent, Inference | null> {
  const { settings, robustness = null, outcome } = input;
  const averages = settings['sampling.method'] !== 'map' && settings.arms.some(isFamily);
  if (!averages && !robustness) {
    yield { kind: 'inference', inference: null };
    return null;
  }
  const method = averages ? settings['sampling.method'] : 'map';
  const ask: MembersInput = { ...input, arms: outcome.arms };
  const ensemble = averages ? ensembleOf(ask) : null;
  const samplers = averages && method !== 'ensemble' ? samplersOf(ask) : null;
  const { taken } = samplingSteps(settings);
  const pace = new Pace('inference', workOf(input, ensemble, samplers, taken.length), averages ? 'Training the ensemble' : 'Reading the single solutions');
  yield pace.progress();
  const networks: Network[] | null = robustness && outcome.solutions.map(({ arm, seed, theta }) => ({ arm, seed: input.seeds.indexOf(seed), predictor: { kind: 'single' }, theta }));
  const reader = new Reader(input, pace, networks);
  const drawn: Drawn[] = yield* single(reader);
  if (ensemble) drawn.push(...yield* trainEnsemble(reader, ensemble));
  const chains: DrawnChain[] = [];
  if (samplers) drawn.push(...yield* sample(reader, samplers, taken, chains));
  let inference = inferenceOf({ method, chains: settings['sampling.chains'], steps: settings['sampling.steps'] }, drawn, diagnosticsOf(chains));
  yield { kind: 'inference', inference };
  if (robustness && networks) {
    const { engine, architecture, data, dataset, seeds, splits } = input;
    inference = { ...inference, robustness: yield* measureRobustness({ engine, architecture, data, dataset, seeds, splits, networks, ...robustness }, pace) };
    yield { kind: 'inference', inference };
  }
  return inference;
}

/** Images passed forward. */
function workOf({ splits, settings, outcome, robustness }: InferenceInput, ensemble: Members | null, samplers: Members | null, samples: number): number {
  const { train, validation, test } = splits[0]!;
  const members = ensemble?.members.length ?? 0;
  const chains = samplers?.members.length ?? 0;
  const training = members * settings['inference.steps'] * Math.min(settings['inference.batch'], train.length);
  const sampling = chains * settings['sampling.steps'] * Math.min(settings['sampling.batch'], train.length);
  const singles = outcome.solutions.filter(({ arm }) => isFamily(arm)).length;
  const reading = (members + singles) * (validation.length + test.length) + chains * samples * (train.length + validation.length + test.length);
  const perChain = settings['sampling.chains'];
  const kept = keptSamples(perChain, samples);
  const networks = outcome.solutions.length + members + (chains / perChain) * kept.members.size * kept.samples.size;
  return TRAINING_COST * (training + sampling) + reading + (robustness ? networks * robustnessWork(robustness, test.length) : 0);
}

/** Reads chains on their own seed's rows. */
class Reader {
  readonly input: InferenceInput;
  readonly pace: Pace;
  /** Where networks are kept; null when none are. */
  readonly networks: Network[] | null;

  constructor(input: InferenceInput, pace: Pace, networks: Network[] | null) {
    this.input = input;
    this.pace = pace;
    this.networks = networks;
  }

  labels(part: 'validation' | 'test', seed: number): Uint16Array {
    return Uint16Array.from(this.input.splits[seed]![part], (row) => this.input.dataset.labels[row]!);
  }

  average(part: 'validation' | 'test', seed: number): ModelAverage {
    const labels = this.labels(part, seed);
    return new ModelAverage({ rows: labels.length, classes: this.input.architecture.classes, labels });
  }

  async* chains(population: Population, members: readonly Member[], part: 'train' | 'validation' | 'test', logits: boolean): AsyncGenerator<LabEvent, Evaluation> {
    const { data, splits, engine } = this.input;
    const indices = splits.map((split) => split[part]);
    return yield* inPieces(this.pace, members.length, indices[0]!.length, Math.max(1, engine.info.workers), (from, to) => population.evaluate({
      data, indices, logits, items: members.slice(from, to).map(({ seed }, i) => ({ chain: from + i, rows: seed })),
    }));
  }
}

/** The tuned solutions themselves. */
async function* single(reader: Reader): AsyncGenerator<LabEvent, Drawn[]> {
  const { input, pace } = reader;
  const { engine, architecture, data, seeds, splits, outcome } = input;
  const out: Drawn[] = [];
  for (const { arm, seed, theta } of outcome.solutions) {
    if (!isFamily(arm)) continue;
    const s = seeds.indexOf(seed);
    const averages = { validation: reader.average('validation', s), test: reader.average('test', s) };
    for (const part of ['validation', 'test'] as const) {
      const indices = splits[s]![part];
      const { logits } = await pace.work(indices.length, () => engine.evaluate({ architecture, data, indices, logits: true, points: { kind: 'list', thetas: [theta] } }));
      averages[part].add(logits![0]!);
    }
    out.push({ arm, seed, predictor: { kind: 'single' }, ...averages });
    yield pace.progress('Reading the single solutions');
  }
  return out;
}

/** Averages by arm, seed and temperature, to which members add as they come. */
function averagesFor(reader: Reader, members: readonly Member[]): { drawn: Drawn[]; of: Drawn[] } {
  const drawn = new Map<string, Drawn>();
  const of = members.map(({ result, seed, temperature }) => {
    const key = `${result.arm} ${seed} ${temperature}`;
    let one = drawn.get(key);
    if (!one) {
      const predictor: Predictor = temperature === null ? { kind: 'ensemble' } : { kind: 'average', temperature };
      drawn.set(key, (one = { arm: result.arm, seed: result.seed, predictor, validation: reader.average('validation', seed), test: reader.average('test', seed) }));
    }
    return one;
  });
  return { drawn: [...drawn.values()], of };
}

async function* trainEnsemble(reader: Reader, { spec, members }: Members): AsyncGenerator<LabEvent, Drawn[]> {
  const { engine, settings } = reader.input;
  const population = await engine.populate(spec);
  try {
    yield* advance(reader, population, members.length, spec.batch, settings['inference.steps'], 'Training the ensemble');
    const { drawn, of } = averagesFor(reader, members);
    for (const part of ['validation', 'test'] as const) {
      const { logits } = yield* reader.chains(population, members, part, true);
      members.forEach((_, i) => of[i]![part].add(logits![i]!));
    }
    if (reader.networks) reader.networks.push(...(await population.parameters(members.map((_, i) => i))).map((theta, i) => networkOf(members[i]!, theta)));
    return drawn;
  } finally {
    await population.dispose();
  }
}

async function* sample(reader: Reader, { spec, members }: Members, taken: readonly number[], chains: DrawnChain[]): AsyncGenerator<LabEvent, Drawn[]> {
  const { input, pace } = reader;
  const { engine, settings, architecture, posterior, seeds } = input;
  const { drawn, of } = averagesFor(reader, members);
  const scribes = members.map((member, i) => new Scribe({
    arm: member.result.arm, seed: member.result.seed, temperature: member.temperature!, spec: spec.chains[i]!, gaussian: spec.priors[spec.chains[i]!.prior!.gaussian]!,
    labels: reader.labels('validation', member.seed), classes: architecture.classes, directions: directionsFollowed(posterior, architecture, seeds[0]!),
  }));
  const population = await engine.populate(spec);
  try {
    const all = members.map((_, i) => i);
    const kept = keptSamples(settings['sampling.chains'], taken.length);
    let at = 0;
    for (const [k, stop] of taken.entries()) {
      // The last step is taken alone: what it changes is the velocity.
      yield* advance(reader, population, members.length, spec.batch, stop - 1 - at, 'Sampling');
      const before = await population.parameters(all);
      const { divergedAt } = await pace.work(members.length * spec.batch * TRAINING_COST, () => population.advance(1));
      at = stop;
      const after = await population.parameters(all);
      const { nll } = yield* reader.chains(population, members, 'train', false);
      const validation = (yield* reader.chains(population, members, 'validation', true)).logits!;
      const test = (yield* reader.chains(population, members, 'test', true)).logits!;
      scribes.forEach((scribe, i) => {
        if (divergedAt[i]! >= 0) {
          scribe.diverged = true;
          return;
        }
        if (kept.members.has(members[i]!.member) && kept.samples.has(k)) reader.networks?.push(networkOf(members[i]!, after[i]!));
        of[i]!.validation.add(validation[i]!);
        of[i]!.test.add(test[i]!);
        scribe.write({ step: stop, before: before[i]!, after: after[i]!, trainNll: nll[i]!, validation: validation[i]!, test: test[i]! });
      });
      yield pace.progress(`Sampling, ${k + 1} of ${taken.length} samples a chain (${settings['sampling.method']})`);
    }
    chains.push(...scribes.map((scribe) => scribe.chain()));
    return drawn;
  } finally {
    await population.dispose();
  }
}

/** Trains in pieces, an event after each. */
async function* advance({ pace }: Reader, population: Population, chains: number, batch: number, steps: number, label: string): AsyncGenerator<LabEvent, void> {
  const cost = chains * batch * TRAINING_COST;
  for (let done = 0; done < steps;) {
    const piece = pace.piece(cost, steps - done);
    await pace.work(piece * cost, () => population.advance(piece));
    done += piece;
    yield pace.progress(label);
  }
}
