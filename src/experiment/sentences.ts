/**
 * One plain sentence or two per stage, computed from the numbers and nothing else: what is seen, in the visitor's terms,
 * and where it must not be believed (too few seeds, a tuned value on its grid's edge, runs that diverged).
 */
import { FEWEST_SEEDS, type Interval, type Verdict } from '../core/statistics.ts';
import { type Detectable, detectableTo } from './comparison/power.ts';
import type { PosteriorSummary, SourceMethod, StartedFrom } from '../posterior/posterior.ts';
import { type Inference, predictorName } from './inference/inference-result.ts';
import { type GaussianMethod, isGaussian } from './inference/methods.ts';
import type { Covers } from '../prior/coverage.ts';
import type { Arm, Family } from '../prior/prior.ts';
import { LEARNED, lineName } from './surface/cuts.ts';
import type { AlignmentGap, ArmResult, ArmSummary, Comparison, DirectionTest, Run } from './result.ts';

/** An arm in the middle of a sentence. */
export const ARM_WORDS: Record<Arm, string> = {
  scratch: 'training from scratch',
  none: 'plain fine-tuning',
  probe: 'the linear probe',
  isotropic: 'the isotropic prior',
  'l2-sp': 'L2-SP',
  layerwise: 'the layer-wise prior',
  diagonal: 'the diagonal prior',
  'low-rank': 'the low-rank prior',
  'shift-trajectory': 'the shift-trajectory prior',
};

/** Self-supervised methods by name. */
export const METHOD_NAMES = { simclr: 'SimCLR', vicreg: 'VICReg' } as const satisfies Record<Exclude<SourceMethod, 'supervised'>, string>;

export function sourceSentence(source: { dataset: string; method: SourceMethod; accuracy: number | null; steps: number; imported: boolean; start?: StartedFrom | null }, tested: number): string {
  if (source.imported) {
    const told = source.accuracy === null ? '' : ` Its file says that the mean reached ${percent(source.accuracy)} there.`;
    return `The prior was imported and nothing was learned here; it comes from ${source.dataset}.${told}`;
  }
  const start = source.start ? `Started from ${source.start.file} (${source.start.used === source.start.tensors ? 'the whole extractor' : `${source.start.used} of ${source.start.tensors} tensors of the extractor`}${source.start.head ? ' and the head' : ''}), and after` : 'After';
  if (source.accuracy === null) return `${start} ${count(source.steps)} steps on ${source.dataset} the averaged weights give no finite loss; lower the SWA rate.`;
  const named = `names ${percent(source.accuracy)} of ${count(tested)} held-out examples correctly`;
  const learned = `${start} ${count(source.steps)} steps`;
  if (source.method === 'supervised') return `${learned} on ${source.dataset} the averaged network ${named}.`;
  return `${learned} of ${METHOD_NAMES[source.method]} on ${source.dataset}, without a label, a linear probe (fitted to the labels on the averaged network’s frozen features) ${named}.`;
}

export function posteriorSentence(summary: PosteriorSummary): string {
  return [spreadSentence(summary), ...basinSentences(summary), ...(summary.method === 'fisher' ? [`Its variances are the inverse of the curvature of ${summary.sourceMethod === 'supervised' ? 'the source loss' : 'the linear probe’s loss'} (Fisher), rescaled to the total variance of SWAG’s snapshots.`] : [])].join(' ');
}

function spreadSentence(summary: PosteriorSummary): string {
  const first = summary.rank === 0 ? `The posterior of ${count(summary.params)} weights has no low-rank factor, only a variance for each weight` : `${percent(summary.lowRankShare)} of the variance of ${count(summary.params)} weights lies in the ${summary.rank} directions of the covariance factor (${summary.snapshots} snapshots)`;
  if (summary.drawAccuracy.length === 0) return `${first}.`;
  const [low, high] = [Math.min(...summary.drawAccuracy), Math.max(...summary.drawAccuracy)];
  const mean = summary.sourceAccuracy === null ? '' : `, its mean ${percent(summary.sourceAccuracy)}`;
  return `${first}; networks drawn from it name ${span([low, high].map(percent))} of the source correctly${summary.sourceMethod === 'supervised' ? '' : ' with the mean’s linear probe as their head'}${mean}.`;
}

/** So far below the weakest basin's accuracy, absolutely or as a share of it, the merged mean is said not to hold. */
const LOST = 0.05;
const LOST_SHARE = 0.9;

/** Of a posterior merged from several basins: how far apart they lie, and whether the mean of their weights is a network that works. */
function basinSentences({ basins, sourceAccuracy }: PosteriorSummary): string[] {
  if (!basins) return [];
  const { start, accuracy, distances } = basins;
  const sound = accuracy.filter((one) => one !== null);
  const each = sound.length === 0 ? 'none of which gives a finite loss at its mean' : `which name ${span(sound.map(percent))} of it at their own means`;
  const lead = `It is merged from ${accuracy.length} basins (${start === 'shared' ? 'branches of one trained network' : 'independent initialisations'}), ${span([Math.min(...distances), Math.max(...distances)].map((far) => far.toFixed(1)))} apart, ${each}`;
  const weakest = Math.min(...sound);
  if (sourceAccuracy === null) return [`${lead}; the mean of their weights gives no finite loss, so priors centred on it start from nothing that works.`];
  if (sourceAccuracy >= Math.max(weakest - LOST, LOST_SHARE * weakest)) return [`${lead}; the mean of their weights holds with ${percent(sourceAccuracy)}.`];
  return [`${lead}; the mean of their weights names only ${percent(sourceAccuracy)}: between these basins the average of weights is no longer a good network, and every prior with a learned centre is centred on it.`];
}

/** `95.1% to 96.0%`, from first to last in order; one of them where both read alike. */
function span(values: readonly string[]): string {
  const sorted = [...values].sort((a, b) => parseFloat(a) - parseFloat(b));
  const [low, high] = [sorted[0]!, sorted.at(-1)!];
  return low === high ? low : `${low} to ${high}`;
}

export function downstreamSentence(runs: readonly Run[], arms: readonly ArmResult[], steps: number): string {
  const seeds = new Set(arms.map((arm) => arm.seed)).size;
  const names = [...new Set(arms.map((arm) => arm.arm))];
  const parts = [`${count(runs.length)} runs of ${count(steps)} steps: every arm tried ${runs.length / names.length / seeds} settings on each of ${seeds} seed${seeds === 1 ? '' : 's'} and kept the one with the lowest validation NLL.`];
  const edges = names.flatMap((arm) => (['low', 'high'] as const).flatMap((edge) => {
    const at = arms.filter((result) => result.arm === arm && result.atEdge === edge).length;
    return 2 * at > seeds ? [`${ARM_WORDS[arm]} (${edge} end, ${at} of ${seeds})`] : [];
  }));
  if (edges.length > 0) parts.push(`The tuned value sat on the edge of its grid for ${listed(edges)}: widen the grid before believing those.`);
  const lost = runs.filter((run) => run.divergedAt !== null).length;
  if (lost > 0) parts.push(`${count(lost)} run${lost === 1 ? '' : 's'} diverged and could not be chosen.`);
  const gone = names.filter((arm) => arms.some((result) => result.arm === arm && !Number.isFinite(result.test.nll)));
  if (gone.length > 0) parts.push(`For ${listed(gone.map((arm) => ARM_WORDS[arm]))} no run of some seed survived; that seed is missing from the arm's intervals.`);
  return parts.join(' ');
}

/** Said where two arms have one prior: nothing that differs between their rows could mean anything. Null elsewhere. */
export function sameArmsSentence(arms: readonly Arm[], rank: number): string | null {
  if (rank > 0 || !arms.includes('low-rank') || !arms.includes('diagonal')) return null;
  return 'The posterior has no low-rank factor, so low-rank and diagonal are one and the same prior here and their runs are equal.';
}

/** What the priors are silent about: `covered` of `params` weights. Null where they cover all. */
export function coversSentence(covers: Covers, covered: number, params: number): string | null {
  if (covered === params) return null;
  const what = covers === 'weights' ? 'all weights but norms and biases' : 'the last layer or block alone';
  return `The priors cover ${what}, ${count(covered)} of ${count(params)} weights; the others start from the posterior mean and have no prior.`;
}

/** What the arm shift-trajectory has seen. `tested`: the family that the downstream data is shifted by. */
export function shiftSentence(runs: number, families: readonly string[], tested: string | null): string {
  const first = `Shift-trajectory learned the source again in ${runs} runs under ${families.length === 1 ? families[0]! : `${families.length} families of corruption`}`;
  if (tested === null) return `${first}.`;
  return families.includes(tested) ? `${first}, with ${tested}, which it is tested on, among them.` : `${first}, without ${tested}, which it is tested on.`;
}

export function verdictSentence(summaries: readonly ArmSummary[], comparisons: readonly Comparison[], seeds: number): string {
  const nll = summaries.filter((summary) => summary.metric === 'nll' && Number.isFinite(summary.mean));
  const best = nll.reduce<ArmSummary | null>((low, one) => (low === null || one.mean < low.mean ? one : low), null);
  if (!best) return 'No arm has a finite test NLL.';
  const lead = `${sentenceCase(ARM_WORDS[best.arm])} has the lowest mean test NLL, ${interval(best)}.`;
  if (seeds < FEWEST_SEEDS) return `${lead} With ${seeds} seed${seeds === 1 ? '' : 's'} there are too few for a verdict; run at least ${FEWEST_SEEDS}.`;
  const versus = (['l2-sp', 'none'] as const).find((rival) => comparisons.some((one) => one.versus === rival));
  if (!versus) return `${lead} Neither L2-SP nor plain fine-tuning took part, so there is nothing to compare with.`;
  const against = comparisons.filter((one) => one.versus === versus && one.metric === 'nll');
  const told = (verdict: Comparison['verdict']) => against.filter((one) => one.verdict === verdict).map((one) => `${ARM_WORDS[one.arm]} (${signedInterval(one)})`);
  const [better, worse, scant] = [told('better'), told('worse'), told('too few seeds')];
  const rival = ARM_WORDS[versus];
  const parts = [lead];
  if (better.length + worse.length === 0) {
    const power = detectableTo(versus, comparisons.filter(({ metric }) => metric === 'nll'));
    parts.push(`No arm differs detectably from ${rival} in NLL${power ? `; ${powerWords(power)}` : ''}.`);
  }
  if (better.length > 0) parts.push(`Better than ${rival} in NLL: ${listed(better)}.`);
  if (worse.length > 0) parts.push(`Worse: ${listed(worse)}.`);
  if (scant.length > 0) parts.push(`Too few seeds survived to judge ${listed(scant)}.`);
  const learned = against.filter((one) => (LEARNED as readonly Arm[]).includes(one.arm));
  if (versus === 'l2-sp' && learned.length > 0 && !learned.some((one) => one.verdict === 'better')) {
    parts.push('So the learned covariance gained nothing detectable here beyond its centre.');
  }
  return parts.join(' ');
}

/** `with 5 seeds a true difference of about 0.05 would have been found four times in five`. */
export function powerWords({ seeds, median, low, high }: Detectable): string {
  const digits = (value: number) => Number(value.toPrecision(2)).toString();
  const range = digits(low) === digits(high) ? '' : ` (${digits(low)} to ${digits(high)} by arm)`;
  return `with ${seeds} seeds a true difference of about ${digits(median)}${range} would have been found four times in five`;
}

/**
 * At most four sentences: the cut that ends in the learned solution, the cuts that end in none, the direction test, and
 * what weakens them. A cut that goes from one point to another has an arrow in its name.
 */
export function surfaceSentence(gaps: readonly AlignmentGap[], directionTest: DirectionTest | null, degenerate: boolean): string {
  const told = gaps.filter((gap) => gap.gap.seeds > 0);
  const prior = [...LEARNED, 'l2-sp' as const, 'isotropic' as const].find((family) => told.some((gap) => gap.prior === family));
  const cuts = [...new Set(told.filter((gap) => gap.prior === prior).map((gap) => gap.cut))];
  const ended = cuts.filter((cut) => cut.includes('→'));
  const line = (prior && ended.find((cut) => cut === lineName({ kind: 'between', from: 'none', to: prior }))) ?? ended[0];
  const free = cuts.filter((cut) => !cut.includes('→'));
  const parts: string[] = [];
  if (prior && line) parts.push(`On the line ${line} the minima of training objective and test loss lie ${onCut(told, line, prior)}.`);
  if (prior && free.length > 0) parts.push(freeSentence(told, free, prior));
  if (directionTest) parts.push(directionSentence(directionTest));
  if (parts.length === 0) {
    if (gaps.length > 0) return 'No cut has a finite loss under a prior on any seed; lower the learning rate and run again.';
    return 'The surface needs plain fine-tuning and at least one prior among the arms; add them and run again.';
  }
  const fewest = Math.min(...told.filter((gap) => cuts.includes(gap.cut)).map((gap) => gap.gap.seeds), ...(directionTest ? [directionTest.difference.test.seeds] : []));
  const doubts = [
    ...(fewest < FEWEST_SEEDS ? [`with ${fewest} seed${fewest === 1 ? '' : 's'} there are too few for a verdict, run at least ${FEWEST_SEEDS}`] : []),
    ...(degenerate ? ['the points of the map lie on one line, so its vertical direction is random'] : []),
  ];
  if (doubts.length > 0) parts.push(`${sentenceCase(doubts.join('; '))}.`);
  return parts.join(' ');
}

/** `0.4 ± 0.1 apart under the low-rank prior: closer than for the training loss alone (6.2 ± 0.3), …`. */
function onCut(gaps: readonly AlignmentGap[], cut: string, prior: Family): string {
  const find = (family: Family | null) => gaps.find((gap) => gap.cut === cut && gap.prior === family);
  const own = find(prior)!;
  const rivals = [
    { verdict: own.versusTrain?.verdict, gap: find(null), name: 'the training loss alone', where: 'for the training loss alone' },
    { verdict: own.versusL2sp?.verdict, gap: find('l2-sp'), name: 'L2-SP', where: 'under L2-SP' },
  ].flatMap(({ verdict, gap, ...words }) => (verdict && gap ? [{ verdict, apart: distance(gap), ...words }] : []));
  const having = (wanted: Verdict) => rivals.filter(({ verdict }) => verdict === wanted);
  const phrases = (['better', 'worse', 'no detectable difference', 'too few seeds'] as const).flatMap((verdict) => {
    const found = having(verdict);
    return found.length > 0 ? [compared(verdict, found)] : [];
  });
  const judged = rivals.some(({ verdict }) => verdict !== 'too few seeds');
  return `${distance(own)} apart under ${ARM_WORDS[prior]}${phrases.length > 0 ? `${judged ? ':' : ','} ${phrases.join(', ')}` : ''}`;
}

function compared(verdict: Verdict, rivals: readonly { apart: string; name: string; where: string }[]): string {
  const than = listed(rivals.map(({ where, apart }) => `${where} (${apart})`));
  switch (verdict) {
    case 'better': return `closer than ${than}`;
    case 'worse': return `farther than ${than}`;
    case 'no detectable difference': return `no detectable difference ${rivals.map(({ name, apart }) => `to ${name} (${apart})`).join(' or ')}`;
    case 'too few seeds': return `against ${listed(rivals.map(({ where, apart }) => `${apart} ${where}`))}`;
    default: return verdict satisfies never;
  }
}

function freeSentence(gaps: readonly AlignmentGap[], cuts: readonly string[], prior: Family): string {
  const own = cuts.flatMap((cut) => gaps.find((gap) => gap.cut === cut && gap.prior === prior) ?? []);
  const verdicts = own.flatMap(({ versusTrain, versusL2sp }) => [versusTrain, versusL2sp]).flatMap((one) => one?.verdict ?? []);
  const where = cuts.length === 1 ? 'On the cut that ends in no solution' : 'On cuts that end in no solution';
  if (verdicts.length > 0 && verdicts.every((verdict) => verdict === 'no detectable difference')) {
    const rivals = own.some(({ versusL2sp }) => versusL2sp !== null) ? 'the training loss alone or to L2-SP' : 'the training loss alone';
    return `${where} (${own.map((gap) => `${gap.cut}: ${distance(gap)}`).join('; ')}) there is no detectable difference to ${rivals}: ${ARM_WORDS[prior]} aligns the minima no better there.`;
  }
  return `${where} they lie, ${cuts.map((cut) => `along the ${cut}, ${onCut(gaps, cut, prior)}`).join('; ')}.`;
}

/** Whether steps along the learned covariance's top directions cost less than random steps of the same norm. */
export function directionSentence({ radii, kinds, difference }: DirectionTest): string {
  const at = radii.length - 1;
  const rises = (wanted: 'covariance' | 'random') => {
    const found = kinds.find(({ kind }) => kind === wanted);
    return [found?.train[at], found?.test[at]].map((one) => (one && Number.isFinite(one.mean) ? interval(one) : 'no finite amount')).join(' and ');
  };
  const lead = `A step of ${norm(radii)} along the learned covariance’s top directions raises train and test NLL by ${rises('covariance')} nats, a random step of that norm by ${rises('random')}`;
  const told = directionVerdict(difference);
  return told === null ? `${lead}.` : `${lead}: ${told}.`;
}

/** The paired differences behind it: `At norm 2, learned − random: train −0.68 ± 0.04, test −0.54 ± 0.03 nats: …`. */
export function directionReading({ radii, difference }: DirectionTest): string {
  const [train, test] = [difference.train, difference.test].map((one) => (one.seeds > 0 ? interval(one) : 'not finite'));
  const told = directionVerdict(difference) ?? `${difference.test.seeds} seed${difference.test.seeds === 1 ? ' is' : 's are'} too few for a verdict`;
  return `At norm ${norm(radii)} learned − random is ${train} nats on train and ${test} on test: ${told}.`;
}

/** Null when both have too few seeds. */
function directionVerdict({ train: { verdict: train }, test: { verdict: test } }: DirectionTest['difference']): string | null {
  if (train !== test) return `on train, ${costs(train)}; on test, ${costs(test)}`;
  return train === 'too few seeds' ? null : `${costs(train)}${train === 'no detectable difference' ? '' : ' on both'}`;
}

function norm(radii: readonly number[]): string {
  return String(Number((radii.at(-1) ?? NaN).toPrecision(2)));
}

function costs(verdict: Verdict): string {
  switch (verdict) {
    case 'better': return 'the learned directions cost less';
    case 'worse': return 'the learned directions cost more';
    case 'no detectable difference': return 'no detectable difference';
    case 'too few seeds': return 'too few seeds for a verdict';
    default: return verdict satisfies never;
  }
}

/** What an average of a Gaussian method is over. */
const DRAWS: Record<GaussianMethod, string> = { swag: 'SWAG draws', laplace: 'Laplace draws', 'laplace-last-layer': 'last-layer Laplace draws' };

/** Null when there is nothing but the MAP solution. */
export function inferenceSentence(inference: Inference | null): string | null {
  if (!inference || inference.comparisons.length === 0) return null;
  const predictors = [...new Map(inference.comparisons.map(({ predictor }) => [predictorName(predictor), predictor])).values()];
  const told = predictors.map((predictor) => {
    const own = inference.comparisons.filter((one) => predictorName(one.predictor) === predictorName(predictor) && one.versus.kind === 'single' && one.metric === 'nll');
    const of = (verdict: Comparison['verdict']) => own.filter((one) => one.verdict === verdict).map((one) => `${ARM_WORDS[one.arm]} (${signedInterval(one)})`);
    const [better, worse] = [of('better'), of('worse')];
    const lead = predictor.kind === 'ensemble' ? `Averaging ${inference.chains} MAP chains` : predictor.kind === 'average' ? `Averaging ${isGaussian(inference.method) ? DRAWS[inference.method] : 'samples'} at T = ${predictor.temperature}` : 'It';
    if (own.every((one) => one.verdict === 'too few seeds')) return `${lead}: too few seeds for a verdict.`;
    if (better.length + worse.length === 0) return `${lead} makes no detectable difference in NLL to the single solution for any arm.`;
    return `${lead} lowers the NLL for ${better.length > 0 ? listed(better) : 'no arm'}${worse.length > 0 ? ` and raises it for ${listed(worse)}` : ''}.`;
  });
  const temperatures = predictors.flatMap((predictor) => (predictor.kind === 'average' ? [predictor.temperature] : [])).sort((a, b) => b - a);
  return [...told, ...coldPosterior(inference, temperatures)].join(' ');
}

/** Said when the coldest average has a lower mean NLL than the warmest for most arms. */
function coldPosterior({ method, summaries }: Inference, temperatures: readonly number[]): string[] {
  const [warm, cold] = [temperatures[0], temperatures.at(-1)];
  if (warm === undefined || cold === undefined || warm === cold) return [];
  const nll = (temperature: number) => summaries.filter((one) => one.metric === 'nll' && one.predictor.kind === 'average' && one.predictor.temperature === temperature);
  const colder = nll(cold).filter((one) => one.mean < (nll(warm).find(({ arm }) => arm === one.arm)?.mean ?? NaN));
  return 2 * colder.length > nll(cold).length ? [`At T = ${cold} the average predicts better than at T = ${warm} for ${colder.length} of ${nll(cold).length} arms: ${isGaussian(method) ? 'the Gaussian is wider than the posterior, or that is itself too warm' : 'a cold-posterior effect'}.`] : [];
}

function distance(gap: AlignmentGap): string {
  return `${gap.atBoundary > 0 ? '≥ ' : ''}${interval(gap.gap)}`;
}

/** `1.766 ± 0.032`; the mean alone below two seeds. */
export function interval({ mean, ci95 }: Interval): string {
  const digits = Math.abs(mean) >= 100 ? 0 : Math.abs(mean) >= 10 ? 1 : Math.abs(mean) >= 0.995 ? 2 : 3;
  const half = ci95 === null ? '' : ` ± ${((ci95[1] - ci95[0]) / 2).toFixed(digits)}`;
  return `${signed(mean, digits)}${half}`;
}

/** As `interval`, with a plus sign where it is above zero. */
export function signedInterval(one: Interval): string {
  return one.mean > 0 ? `+${interval(one)}` : interval(one);
}

function signed(value: number, digits: number): string {
  return value.toFixed(digits).replace('-', '−');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

function count(n: number): string {
  return n.toLocaleString('en-GB');
}

export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)!}`;
}

export function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
