/** What the robustness measure says, in two or three plain sentences computed from its numbers. */
import { FEWEST_SEEDS, type Interval, type Verdict } from '../../core/statistics.ts';
import type { Arm } from '../../prior/prior.ts';
import { type Predictor, predictorName } from '../inference/inference-result.ts';
import type { OutsideDetection, Robustness } from './robustness-result.ts';
import type { Voter } from './robustness-summary.ts';
import { ARM_WORDS, interval, listed, sentenceCase } from '../sentences.ts';

/** The severity that is told of. */
const TOLD = 3;
/** Named in one breath. */
const MOST = 2;

/** Null when nothing is told. */
export function joinedSentences(...parts: readonly (string | null)[]): string | null {
  const told = parts.filter((part) => part !== null);
  return told.length > 0 ? told.join(' ') : null;
}

/** Null without the measure. */
export function robustnessSentence(robustness: Robustness | null): string | null {
  if (!robustness) return null;
  return [corruptionSentence(robustness), ...outsideSentences(robustness)].join(' ');
}

/** `the low-rank prior`, `an ensemble under L2-SP`, `an average at T = 1 under L2-SP`. */
export function voiced(arm: Arm, predictor: Predictor): string {
  switch (predictor.kind) {
    case 'single': return ARM_WORDS[arm];
    case 'ensemble': return `an ensemble under ${ARM_WORDS[arm]}`;
    case 'average': return `an average at T = ${predictor.temperature} under ${ARM_WORDS[arm]}`;
    default: return predictor satisfies never;
  }
}

/** What guesses has nothing to lose, so only what is detectably better than a guess on undamaged images is told of. */
function corruptionSentence({ curves, rises, comparisons, corruptions, disputed: { classNames } }: Robustness): string {
  const damage = `On images damaged at severity ${TOLD} (mean of ${corruptions.length} corruption${corruptions.length === 1 ? '' : 's'})`;
  const mean = (voter: Voter, metric: string) => curves.find((one) => one.corruption === 'mean' && one.metric === metric && isSame(one, voter))?.levels;
  const knows = (voter: Voter) => {
    const clean = mean(voter, 'accuracy')?.[0];
    return clean !== undefined && (clean.ci95?.[0] ?? clean.mean) > 1 / classNames.length;
  };
  const of = <T extends Voter & { severity: number; metric: string }>(list: readonly T[]) => list.filter((one) => one.severity === TOLD && one.metric === 'nll' && knows(one));
  const sound = of(rises).filter((one) => Number.isFinite(one.mean));
  const least = lowest(sound, (one) => one.mean);
  if (!least) return 'No predictor names undamaged test images detectably better than a guess, so damage has nothing to take from it.';
  const most = lowest(sound, (one) => -one.mean)!;
  const others = most === least ? '' : `, most for ${voiced(most.arm, most.predictor)} (${signedInterval(most)})`;
  const uniform = Math.log(classNames.length);
  const lost = sound.every((one) => !((mean(one, 'nll')?.[TOLD]?.mean ?? Infinity) < uniform));
  const lead = `${damage} the NLL rises least for ${voiced(least.arm, least.predictor)} (${signedInterval(least)} nats)${others}${lost ? `; none is better there than a uniform guess (${uniform.toFixed(2)} nats)` : ''}`;
  const judged = of(comparisons);
  const toL2sp = against(judged.filter(({ versus, predictor }) => versus === 'l2-sp' && predictor.kind === 'single'), 'L2-SP');
  const toSingle = against(judged.filter(({ versus }) => versus === 'single'), 'the single solutions');
  return `${lead}.${[toL2sp, toSingle].map((text) => (text ? ` ${text}` : '')).join('')}`;
}

function isSame(a: Voter, b: Voter): boolean {
  return a.arm === b.arm && predictorName(a.predictor) === predictorName(b.predictor);
}

interface Judged extends Interval, Voter {
  verdict: Verdict;
}

/** `Against L2-SP it is lower there for …; no detectable difference for 3 others.`; null when there is nothing to compare. */
function against(judged: readonly Judged[], rival: string): string | null {
  if (judged.length === 0) return null;
  const told = (wanted: Verdict) => judged.filter(({ verdict }) => verdict === wanted);
  if (told('too few seeds').length === judged.length) return `Against ${rival} there are too few seeds for a verdict (at least ${FEWEST_SEEDS}).`;
  const [better, worse, same] = [told('better'), told('worse'), told('no detectable difference')];
  if (better.length + worse.length === 0) return `Against ${rival} there is no detectable difference in NLL there.`;
  const parts = [
    ...(better.length > 0 ? [`lower for ${some(better)}`] : []), ...(worse.length > 0 ? [`higher for ${some(worse)}`] : []),
    ...(same.length > 0 ? [`not detectably different for ${same.length} other${same.length === 1 ? '' : 's'}`] : []),
  ];
  return `Against ${rival} the NLL there is ${parts.join(', ')}.`;
}

/** At most two of them by name, the largest differences first. */
function some(list: readonly Judged[]): string {
  const sorted = [...list].sort((a, b) => Math.abs(b.mean) - Math.abs(a.mean));
  const named = sorted.slice(0, MOST).map((one) => `${voiced(one.arm, one.predictor)} (${signedInterval(one)})`);
  return listed(list.length > MOST ? [...named, `${list.length - MOST} more`] : named);
}

function outsideSentences({ detection, outside, outsideMissing }: Robustness): string[] {
  if (outsideMissing !== null) return [outsideMissing];
  const best = lowest(detection.filter(({ auroc }) => Number.isFinite(auroc.mean)), ({ auroc }) => -auroc.mean);
  if (!outside || !best) return [];
  const lead = `Images of ${outside.name} are told from the downstream classes best by the ${best.score === 'entropy' ? 'predictive entropy' : best.score} of ${voiced(best.arm, best.predictor)} (AUROC ${interval(best.auroc)})`;
  const priors = detection.filter((one) => one.predictor.kind === 'single' && one.versusL2sp !== null);
  return [`${lead}.`, ...misled(detection), ...gained(detection), ...differing(priors)];
}

/** Said when entropy is detectably worse than blind for most predictors. */
function misled(detection: readonly OutsideDetection[]): string[] {
  const all = detection.filter(({ score }) => score === 'entropy');
  const wrong = all.filter(({ auroc: { ci95 } }) => ci95 !== null && ci95[1] < 0.5);
  return 2 * wrong.length > all.length ? [`Predictive entropy misleads for ${wrong.length} of ${all.length} predictors: these images look more certain to them than test images (AUROC below 0.5).`] : [];
}

function gained(detection: readonly OutsideDetection[]): string[] {
  const counts = (['entropy', 'mutual information'] as const).map((score) => {
    const judged = detection.filter((one) => one.score === score).flatMap(({ versusSingle }) => (versusSingle && versusSingle.verdict !== 'too few seeds' ? [versusSingle.verdict] : []));
    return { all: judged.length, better: judged.filter((verdict) => verdict === 'better').length };
  });
  const [entropy, information] = counts;
  if (!entropy || !information || information.all === 0) return [];
  if (entropy.better + information.better === 0) return ['No ensemble or average tells them detectably better than the entropy of its arm’s single solution.'];
  return [`Against the entropy of the arm’s single solution, the mutual information of ensembles and averages is better in ${information.better} of ${information.all}, their entropy in ${entropy.better} of ${entropy.all}.`];
}

function differing(list: readonly OutsideDetection[]): string[] {
  const judged = list.filter(({ versusL2sp }) => versusL2sp!.verdict !== 'too few seeds');
  if (judged.length === 0) return [];
  const named = (wanted: Verdict) => judged.filter(({ versusL2sp }) => versusL2sp!.verdict === wanted).map(({ arm }) => ARM_WORDS[arm]);
  const [better, worse] = [named('better'), named('worse')];
  if (better.length + worse.length === 0) return ['Between single solutions there is no detectable difference to L2-SP in this.'];
  const does = (list: readonly string[], how: string) => (list.length > 0 ? [`${listed(list)} tell${list.length === 1 ? 's' : ''} them ${how} than L2-SP`] : []);
  return [`${sentenceCase([...does(better, 'better'), ...does(worse, 'worse')].join(', '))}, by entropy.`];
}

function lowest<T>(items: readonly T[], value: (item: T) => number): T | null {
  return items.reduce<T | null>((low, one) => (low === null || value(one) < value(low) ? one : low), null);
}

function signedInterval(one: Interval): string {
  return one.mean > 0 ? `+${interval(one)}` : interval(one);
}
