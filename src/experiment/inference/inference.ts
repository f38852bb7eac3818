/**
 * The inference stage: what the posterior under each prior predicts beyond its MAP solution. A deep ensemble of MAP
 * chains is the baseline to beat; samplers run at each temperature, or networks are drawn from Gaussians around the solutions, and all are averaged
 * as they are drawn (mean of probabilities), so that no sample has to be kept. Beside the averages: whether the chains sampled, and the
 * evidence of every prior. Where damaged images are asked for, a few networks are kept until robustness.ts has read those.
 */
import { isFamily } from '../../prior/prior.ts';
import { diagnosticsOf, directionsFollowed, type DrawnChain, Scribe } from './chain-diagnostics.ts';
import type { LabEvent } from '../events.ts';
import { explore, type Explored, exploringWork } from './gaussian-averages.ts';
import type { Inference } from './inference-result.ts';
import { ensembleOf, type Member, type Members, type MembersInput, samplersOf, samplingSteps } from './members.ts';
import { isGaussian, isSampler } from './methods.ts';
import { KEPT, keptSamples, type Network, networkOf } from '../robustness/networks.ts';
import { Pace, TRAINING_COST } from '../pace.ts';
import { type Drawn, inferenceOf } from './predictions.ts';
import { Reader, type ReaderInput } from './reader.ts';
import { measureRobustness, type RobustnessAsk, robustnessWork } from '../robustness/robustness.ts';

export interface InferenceInput extends ReaderInput {
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
  const samplers = isSampler(method) ? samplersOf(ask) : null;
  const gaussian = isGaussian(method) ? method : null;
  const { taken } = samplingSteps(settings);
  const work = workOf(input, ensemble, samplers, taken.length) + (averages ? exploringWork(input, gaussian) : 0);
  const pace = new Pace('inference', work, averages ? 'Training the ensemble' : 'Reading the single solutions');
  yield pace.progress();
  const networks: Network[] | null = robustness && outcome.solutions.map(({ arm, seed, theta }) => ({ arm, seed: input.seeds.indexOf(seed), predictor: { kind: 'single' }, theta }));
  const reader = new Reader(input, pace, networks);
  const drawn: Drawn[] = yield* single(reader);
  if (ensemble) drawn.push(...yield* trainEnsemble(reader, ensemble));
  const chains: DrawnChain[] = [];
  if (samplers) drawn.push(...yield* sample(reader, samplers, taken, chains));
  const explored: Explored = averages ? yield* explore(reader, gaussian) : { drawn: [], evidence: [], warnings: [] };
  drawn.push(...explored.drawn);
  let inference = inferenceOf({ method, chains: settings['sampling.chains'], steps: settings['sampling.steps'], evidence: explored.evidence }, drawn, diagnosticsOf(chains), explored.warnings);
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
  const draws = isGaussian(settings['sampling.method']) ? singles * settings['sampling.temperatures'].length * Math.min(KEPT, settings['sampling.samples']) : 0;
  const networks = outcome.solutions.length + members + (chains / perChain) * kept.members.size * kept.samples.size + draws;
  return TRAINING_COST * (training + sampling) + reading + (robustness ? networks * robustnessWork(robustness, test.length) : 0);
}

/** The tuned solutions themselves. */
async function* single(reader: Reader): AsyncGenerator<LabEvent, Drawn[]> {
  const { pace, input: { seeds, outcome } } = reader;
  const out: Drawn[] = [];
  pace.label = 'Reading the single solutions';
  for (const { arm, seed, theta } of outcome.solutions) {
    if (!isFamily(arm)) continue;
    const s = seeds.indexOf(seed);
    const drawn = reader.drawn(arm, s, { kind: 'single' });
    yield* reader.add([theta], s, drawn);
    out.push(drawn);
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
      drawn.set(key, (one = reader.drawn(result.arm, seed, temperature === null ? { kind: 'ensemble' } : { kind: 'average', temperature })));
    }
    return one;
  });
  return { drawn: [...drawn.values()], of };
}

async function* trainEnsemble(reader: Reader, { spec, members }: Members): AsyncGenerator<LabEvent, Drawn[]> {
  const { engine, settings } = reader.input;
  const population = await engine.populate(spec);
  try {
    yield* reader.advance(population, spec.batch, settings['inference.steps'], 'Training the ensemble');
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
      yield* reader.advance(population, spec.batch, stop - 1 - at, 'Sampling');
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
