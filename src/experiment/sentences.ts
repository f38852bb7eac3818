/**
 * One plain sentence or two per stage, computed from the numbers and nothing else: what is seen, in the visitor's terms,
 * and where it must not be believed (too few seeds, a tuned value on its grid's edge, runs that diverged).
 */
import { FEWEST_SEEDS, type Interval } from '../core/statistics.ts';
import type { PosteriorSummary } from '../posterior/posterior.ts';
import type { Arm } from '../prior/prior.ts';
import { INDEPENDENT_CUT, LEARNED } from './cuts.ts';
import type { AlignmentGap, ArmResult, ArmSummary, Comparison, Run } from './result.ts';

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
};

export function sourceSentence(source: { dataset: string; accuracy: number | null; steps: number; imported: boolean }, tested: number): string {
  if (source.imported) {
    const told = source.accuracy === null ? '' : ` Its file says that the mean reached ${percent(source.accuracy)} there.`;
    return `The prior was imported and nothing was learned here; it comes from ${source.dataset}.${told}`;
  }
  if (source.accuracy === null) return `After ${count(source.steps)} steps on ${source.dataset} the averaged weights give no finite loss; lower the SWA rate.`;
  return `After ${count(source.steps)} steps on ${source.dataset} the averaged network names ${percent(source.accuracy)} of ${count(tested)} held-out images correctly.`;
}

export function posteriorSentence(summary: PosteriorSummary): string {
  const first = `${percent(summary.lowRankShare)} of the variance of ${count(summary.params)} weights lies in the ${summary.rank} directions of the covariance factor (${summary.snapshots} snapshots)`;
  if (summary.drawAccuracy.length === 0) return `${first}.`;
  const [low, high] = [Math.min(...summary.drawAccuracy), Math.max(...summary.drawAccuracy)];
  const mean = summary.sourceAccuracy === null ? '' : `, its mean ${percent(summary.sourceAccuracy)}`;
  return `${first}; networks drawn from it name ${percent(low)} to ${percent(high)} of the source correctly${mean}.`;
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

export function verdictSentence(summaries: readonly ArmSummary[], comparisons: readonly Comparison[], seeds: number): string {
  const nll = summaries.filter((summary) => summary.metric === 'nll' && Number.isFinite(summary.mean));
  const best = nll.reduce<ArmSummary | null>((low, one) => (low === null || one.mean < low.mean ? one : low), null);
  if (!best) return 'No arm has a finite test NLL.';
  const lead = `${sentenceCase(ARM_WORDS[best.arm])} has the lowest mean test NLL, ${interval(best)}.`;
  if (seeds < FEWEST_SEEDS) return `${lead} With ${seeds} seed${seeds === 1 ? '' : 's'} there are too few for a verdict; run at least ${FEWEST_SEEDS}.`;
  const versus = (['l2-sp', 'none'] as const).find((rival) => comparisons.some((one) => one.versus === rival));
  if (!versus) return `${lead} Neither L2-SP nor plain fine-tuning took part, so there is nothing to compare with.`;
  const against = comparisons.filter((one) => one.versus === versus && one.metric === 'nll');
  const told = (verdict: Comparison['verdict']) => against.filter((one) => one.verdict === verdict).map((one) => `${ARM_WORDS[one.arm]} (${difference(one)})`);
  const [better, worse, scant] = [told('better'), told('worse'), told('too few seeds')];
  const rival = ARM_WORDS[versus];
  const parts = [lead];
  if (better.length + worse.length === 0) parts.push(`No arm differs detectably from ${rival} in NLL.`);
  if (better.length > 0) parts.push(`Better than ${rival} in NLL: ${listed(better)}.`);
  if (worse.length > 0) parts.push(`Worse: ${listed(worse)}.`);
  if (scant.length > 0) parts.push(`Too few seeds survived to judge ${listed(scant)}.`);
  const learned = against.filter((one) => (LEARNED as readonly Arm[]).includes(one.arm));
  if (versus === 'l2-sp' && learned.length > 0 && !learned.some((one) => one.verdict === 'better')) {
    parts.push('So the learned covariance gained nothing detectable here beyond its centre.');
  }
  return parts.join(' ');
}

export function surfaceSentence(gaps: readonly AlignmentGap[], degenerate: boolean): string {
  const learned = LEARNED.find((family) => gaps.some((gap) => gap.cut === `plain → ${family}`));
  const parts: string[] = [];
  if (learned) parts.push(cutSentence(gaps, `plain → ${learned}`, `On the line from the plain solution to that of ${ARM_WORDS[learned]}`));
  const own = gaps.filter((gap) => gap.cut === INDEPENDENT_CUT);
  if (own.length > 0) parts.push(cutSentence(gaps, INDEPENDENT_CUT, 'On a cut that ends in no solution, along the top covariance direction'));
  if (degenerate) parts.push('Plain and prior solution lie on one line with the pre-trained point, so the vertical direction of the map is random.');
  if (parts.length === 0) return 'The surface needs plain fine-tuning and at least one prior among the arms; add them and run again.';
  return parts.join(' ');
}

function cutSentence(gaps: readonly AlignmentGap[], cut: string, where: string): string {
  const gapOf = (prior: AlignmentGap['prior']) => gaps.find((gap) => gap.cut === cut && gap.prior === prior && gap.gap.seeds > 0);
  const plain = gapOf(null);
  if (!plain) return `${where} no finite loss was found.`;
  const priors = [...LEARNED, 'l2-sp', 'isotropic'] as const;
  const told = priors.flatMap((prior) => {
    const gap = gapOf(prior);
    return gap ? [`${distance(gap)} with ${ARM_WORDS[prior]}`] : [];
  });
  return `${where}, the training loss alone is lowest ${distance(plain)} from where the test loss is${told.length > 0 ? `; ${listed(told)}` : ''}.`;
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

function difference(one: Comparison): string {
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

function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)!}`;
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
