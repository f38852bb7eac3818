/** What a study says, in plain sentences computed from its numbers: verdicts along the axis, labels saved, what could have been seen, what was left out. */
import { FEWEST_SEEDS } from '../../core/statistics.ts';
import type { Arm } from '../../prior/prior.ts';
import { ARM_WORDS, listed, powerWords, sentenceCase, signedInterval } from '../sentences.ts';
import { rivalOf } from './curves.ts';
import type { Place, Saving } from './savings.ts';
import type { Study, StudyComparison } from './study-result.ts';

export function studySentence(study: Omit<Study, 'sentence'>): string {
  return [verdicts(study), savingsSentence(study), powerNote(study), ...stopNotes(study)].filter((part) => part !== null).join(' ');
}

/** Name of a value in a sentence: `n = 30`. */
export function valueWords({ axis }: Pick<Study, 'axis'>, value: number): string {
  return `${axis.key === 'downstream.n' ? 'n' : axis.label} = ${value.toLocaleString('en-GB', { maximumSignificantDigits: 6 })}`;
}

function verdicts(study: Omit<Study, 'sentence'>): string | null {
  const { comparisons, values } = study;
  const rival = rivalOf(comparisons);
  if (values.length === 0) return null;
  if (!rival) return 'Neither L2-SP nor plain fine-tuning took part, so there is nothing to compare with.';
  const own = comparisons.filter((one) => one.versus === rival && one.metric === 'nll');
  if (own.every(({ verdict }) => verdict === 'too few seeds')) return `There are too few seeds for a verdict; run at least ${FEWEST_SEEDS}.`;
  const told = (verdict: StudyComparison['verdict']) => [...new Set(own.filter((one) => one.verdict === verdict).map(({ arm }) => arm))].map((arm) => {
    const at = own.filter((one) => one.arm === arm && one.verdict === verdict);
    return `${ARM_WORDS[arm]} at ${listed(at.map((one) => `${valueWords(study, one.value)} (${signedInterval(one)})`))}`;
  });
  const [better, worse] = [told('better'), told('worse')];
  if (better.length + worse.length === 0) return `No arm differs detectably from ${ARM_WORDS[rival]} in NLL anywhere.`;
  return [
    better.length > 0 ? `Better than ${ARM_WORDS[rival]} in NLL: ${better.join('; ')}.` : null,
    worse.length > 0 ? `${better.length > 0 ? 'Worse' : `Worse than ${ARM_WORDS[rival]} in NLL`}: ${worse.join('; ')}.` : null,
  ].filter((part) => part !== null).join(' ');
}

/**
 * The savings that a verdict stands behind: the arm is better than that rival at that n, judged beside all others. Where the rival was as good with fewer labels
 * (its NLL rises with n) none are saved.
 */
export function soundSavings({ savings, comparisons }: Pick<Study, 'savings' | 'comparisons'>): Saving[] {
  return savings.filter((one) => (one.needs.beyond === 'above' || one.needs.n > one.n) && comparisons.some((other) => other.metric === 'nll' && other.verdict === 'better' && other.arm === one.arm && other.versus === one.versus && other.value === one.n));
}

/** `The low-rank prior saves labels against plain fine-tuning: with 30 examples as good as the rival with 85 (60 to 140), 55 saved.` Null where the axis is not n. */
export function savingsSentence(study: Pick<Study, 'savings' | 'comparisons' | 'axis'>): string | null {
  if (study.axis.key !== 'downstream.n' || study.savings.length === 0 || study.comparisons.every(({ verdict }) => verdict === 'too few seeds')) return null;
  const sound = soundSavings(study);
  const rivals = (['none', 'l2-sp'] as const).filter((rival) => study.savings.some(({ versus }) => versus === rival));
  return rivals.map((rival) => {
    const own = sound.filter(({ versus }) => versus === rival);
    const arm = mostOften(own.map((one) => one.arm));
    if (!arm) return `No arm detectably saves labels against ${ARM_WORDS[rival]}.`;
    const told = own.filter((one) => one.arm === arm).map((one) => `with ${one.n} examples ${savingWords(one)}`);
    return `${sentenceCase(ARM_WORDS[arm])} saves labels against ${ARM_WORDS[rival]}: ${told.join('; ')}.`;
  }).join(' ');
}

/** `as good as the rival with 85 (60 to 140), 55 saved`. */
function savingWords({ n, needs, ci95 }: Saving): string {
  const range = ci95 && ci95[0] !== ci95[1] ? ` (${placeWords(ci95[0])} to ${placeWords(ci95[1])})` : '';
  if (needs.beyond === 'above') return `as good as the rival with more than ${whole(needs.n)}${ci95 && ci95[0].beyond !== 'above' && ci95[0].n < needs.n ? ` (at least ${whole(ci95[0].n)})` : ''}`;
  return `as good as the rival with ${whole(needs.n)}${range}, ${whole(needs.n - n)} saved`;
}

export function placeWords({ n, beyond }: Place): string {
  return beyond === 'above' ? `more than ${whole(n)}` : beyond === 'below' ? `${whole(n)} or fewer` : whole(n);
}

function whole(n: number): string {
  return Math.round(n).toLocaleString('en-GB');
}

/** The arm named most often, the first of several; null of none. */
function mostOften(arms: readonly Arm[]): Arm | null {
  const count = (arm: Arm) => arms.filter((one) => one === arm).length;
  return arms.reduce<Arm | null>((best, arm) => (best === null || count(arm) > count(best) ? arm : best), null);
}

function powerNote(study: Omit<Study, 'sentence'>): string | null {
  const known = study.power.flatMap(({ value, detectable }) => (detectable ? [{ value, detectable }] : []));
  if (known.length === 0) return null;
  const [first, ...rest] = known.map(({ value, detectable }) => `at ${valueWords(study, value)} ${powerWords(detectable)}`);
  const [last] = rest.slice(-1);
  return `${sentenceCase(first!)}${last ? `; ${last}` : ''}.`;
}

function stopNotes({ stops: { minutes, halfWidth, halving } }: Omit<Study, 'sentence'>): string[] {
  return [
    ...(minutes && minutes.left > 0 ? [`The time budget of ${minutes.budget} min ended it with ${minutes.left} cell${minutes.left === 1 ? '' : 's'} (value × seed) not begun.`] : []),
    ...(halfWidth ? [halfWidth.widest !== null && halfWidth.widest <= halfWidth.target
      ? `Every interval of ΔNLL is at most ± ${halfWidth.target} wide${halfWidth.added > 0 ? `, after ${halfWidth.added} cell${halfWidth.added === 1 ? '' : 's'} with more seeds, for all arms alike` : ''}.`
      : `The target of ± ${halfWidth.target} was not reached everywhere with at most ${halfWidth.mostSeeds} seeds (widest ${halfWidth.widest === null ? 'unknown' : `± ${Number(halfWidth.widest.toPrecision(2))}`}).`] : []),
    ...(halving ? [`Successive halving ended ${halving.ended} of ${halving.runs} training runs early, as many of every arm.`] : []),
  ];
}
