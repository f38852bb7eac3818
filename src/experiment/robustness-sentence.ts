/** What the robustness measure says, in two or three plain sentences computed from its numbers. */
import { FEWEST_SEEDS, type Interval, type Verdict } from '../core/statistics.ts';
import type { Arm } from '../prior/prior.ts';
import type { Predictor } from './inference-result.ts';
import type { OutsideDetection, Robustness } from './robustness-result.ts';
import { ARM_WORDS, interval, listed, sentenceCase } from './sentences.ts';

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

function corruptionSentence({ rises, comparisons, corruptions }: Robustness): string {
  const of = <T extends { severity: number; metric: string }>(list: readonly T[]) => list.filter(({ severity, metric }) => severity === TOLD && metric === 'nll');
  const sound = of(rises).filter((one) => Number.isFinite(one.mean));
  const least = lowest(sound, (one) => one.mean);
  if (!least) return 'No network gives finite losses on damaged images.';
  const most = lowest(sound, (one) => -one.mean)!;
  const damage = `On images damaged at severity ${TOLD} (mean of ${corruptions.length} corruption${corruptions.length === 1 ? '' : 's'})`;
  const others = most === least ? '' : `, most for ${voiced(most.arm, most.predictor)} (${signedInterval(most)})`;
  const lead = `${damage} the NLL rises least for ${voiced(least.arm, least.predictor)} (${signedInterval(least)} nats)${others}`;
  const judged = of(comparisons);
  const toL2sp = against(judged.filter(({ versus, predictor }) => versus === 'l2-sp' && predictor.kind === 'single'), 'L2-SP');
  const toSingle = against(judged.filter(({ versus }) => versus === 'single'), 'the single solutions');
  return `${lead}.${[toL2sp, toSingle].map((text) => (text ? ` ${text}` : '')).join('')}`;
}

interface Judged extends Interval {
  arm: Arm;
  predictor: Predictor;
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
  const gains = detection.flatMap((one) => (one.versusSingle ? [one.versusSingle.verdict] : []));
  const priors = detection.filter((one) => one.predictor.kind === 'single' && one.versusL2sp !== null);
  return [`${lead}.`, ...gained(gains), ...differing(priors)];
}

function gained(verdicts: readonly Verdict[]): string[] {
  if (verdicts.length === 0 || verdicts.every((one) => one === 'too few seeds')) return [];
  const better = verdicts.filter((one) => one === 'better').length;
  return [better === 0 ? 'No ensemble or average tells them detectably better than the entropy of its arm’s single solution.' : `${better} of ${verdicts.length} scores of ensembles and averages tell them better than the entropy of their arm’s single solution.`];
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
