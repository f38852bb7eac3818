/** Whether one λ a layer helped, in one sentence computed from the paired differences. */
import type { Verdict } from '../../core/statistics.ts';
import { ARM_WORDS, listed, signedInterval } from '../sentences.ts';
import type { Scaling } from './scaling-result.ts';

/** Null where it was not asked for. */
export function scalingSentence(scaling: Scaling | null): string | null {
  if (!scaling) return null;
  const { method, extraRuns, comparisons } = scaling;
  const lead = `One λ a layer, chosen ${method === 'validation' ? 'by validation NLL' : 'by the evidence'} in ${extraRuns} more runs of every arm and seed,`;
  const nll = comparisons.filter(({ metric }) => metric === 'nll');
  const of = (verdict: Verdict) => nll.filter((one) => one.verdict === verdict).map((one) => `${ARM_WORDS[one.arm]} (${signedInterval(one)})`);
  const [better, worse, scant] = [of('better'), of('worse'), of('too few seeds')];
  if (scant.length === nll.length) return `${lead} has too few seeds for a verdict against the single λ.`;
  const rest = scant.length > 0 ? ` Too few seeds to judge ${listed(scant)}.` : '';
  if (better.length + worse.length === 0) return `${lead} makes no detectable difference in test NLL to the single λ for any arm.${rest}`;
  const helped = better.length > 0 ? `lowers the test NLL against the single λ for ${listed(better)}` : 'lowers the test NLL against the single λ for no arm';
  return `${lead} ${helped}${worse.length > 0 ? ` and raises it for ${listed(worse)}` : ''}.${rest}`;
}
