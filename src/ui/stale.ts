/**
 * Which stages no longer belong to what the settings ask for, since the run whose pictures are shown. The worker
 * decides for itself what it computes again; this says it beforehand, from the same list of settings.
 */
import { type Config, isIdle, isOfSource, SETTING_KEYS } from '../experiment/config/config.ts';
import { SETTINGS, type Stage, STAGES } from '../experiment/config/settings.ts';
import { basisOf, type LabState, type Role } from './store.ts';

/** Worker of a run that was opened from the history: no worker of this page remembers it. */
export const FROM_HISTORY = 0;
const OPENED = 'the run was opened from the history';

/** All that a run depends on. */
export interface Basis {
  config: Config;
  /** Names a role's data set beyond its name: it may be replaced or its classes renamed. */
  data: Record<Role, string>;
  /** Names the imported prior; null when the posterior is learned. */
  imported: string | null;
  /** Names the weights that source training starts from; null: none. */
  weights: string | null;
  /** The worker that remembers what was finished. */
  worker: number;
}

export interface Staleness {
  /** The first stage to be computed again. */
  from: Stage;
  /** Labels of the settings that changed, and other reasons in words. */
  because: string[];
}

export const STAGE_WORDS: Record<Stage, string> = {
  source: 'Source', posterior: 'Posterior', downstream: 'Downstream', surface: 'Loss surface', inference: 'Bayesian average', verdict: 'Verdict',
};

/** Stages in the order in which the page tells them. */
export const STORY = ['source', 'posterior', 'downstream', 'verdict', 'surface', 'inference'] as const satisfies readonly Stage[];

/** Null while what is shown is what the settings ask for. */
export function staleness(shown: Basis | null, now: Basis): Staleness | null {
  if (!shown) return null;
  const because: string[] = [];
  let first: number = STAGES.length;
  const add = (stage: Stage, reason: string) => {
    because.push(reason);
    first = Math.min(first, STAGES.indexOf(stage));
  };
  if (shown.worker !== now.worker) add(now.imported === null ? 'source' : 'posterior', shown.worker === FROM_HISTORY ? OPENED : 'the lab was started again');
  if (shown.imported !== now.imported) add(now.imported === null ? 'source' : 'posterior', now.imported === null ? 'the prior is learned here' : 'the imported prior');
  const learned = now.imported === null;
  for (const key of SETTING_KEYS) {
    if (key === 'name' || key.startsWith('study.') || JSON.stringify(shown.config[key]) === JSON.stringify(now.config[key])) continue;
    if ((!learned && isOfSource(key)) || (isIdle(key, shown.config) && isIdle(key, now.config))) continue;
    const { stage, label } = SETTINGS[key];
    add(!learned && stage === 'source' ? 'posterior' : stage, label);
  }
  if (learned && shown.weights !== now.weights) add('source', now.weights === null ? 'the start without weights' : 'the weights it starts from');
  if (learned && shown.data.source !== now.data.source) add('source', 'the source data');
  if (shown.data.downstream !== now.data.downstream) add('downstream', 'the downstream data');
  return first < STAGES.length ? { from: STAGES[first]!, because } : null;
}

/** What is shown belongs to the settings, but was computed on an earlier visit. */
export function isOnlyOpened(stale: Staleness): boolean {
  return stale.because.length === 1 && stale.because[0] === OPENED;
}

const cache = new WeakMap<LabState['settings'], { shown: Basis | null; datasets: LabState['datasets']; imported: LabState['imported']; weights: LabState['weights']; worker: number; answer: Staleness | null }>();

/** `staleness` of the page as it is; computed once however many parts of the page ask. */
export function staleNow(state: LabState): Staleness | null {
  const { settings, shown, datasets, imported, weights, worker } = state;
  const known = cache.get(settings);
  if (known && known.shown === shown && known.datasets === datasets && known.imported === imported && known.weights === weights && known.worker === worker) return known.answer;
  const answer = staleness(shown, basisOf(state));
  cache.set(settings, { shown, datasets, imported, weights, worker, answer });
  return answer;
}

/** The stages from `from` on, as the page names them. */
export function staleStages(from: Stage): Stage[] {
  // Sampling asks nothing of the surface, which only lies before it in time.
  return STORY.filter((stage) => STAGES.indexOf(stage) >= STAGES.indexOf(from) && !(from === 'surface' && stage === 'inference'));
}
