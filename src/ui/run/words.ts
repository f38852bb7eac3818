/** What the bar says: why Run is disabled, and what to do or what is going on, in one sentence. */
import type { EngineInfo } from '../../engine/contract.ts';
import { type Config, GLYPHS, onToy } from '../../experiment/config/config.ts';
import { STAGES } from '../../experiment/config/settings.ts';
import { lineOf } from '../../storage/runs/entry.ts';
import type { Unfinished } from '../../storage/runs/unfinished.ts';
import { isWhole } from '../reduce.ts';
import { isOnlyOpened, staleNow, STAGE_WORDS, staleStages } from '../stale.ts';
import type { LabState } from '../store.ts';

/** Why a run cannot begin; null when it can. */
export function blockedBy({ settings, device, priorBusy }: LabState): string | null {
  const [fault] = Object.values(settings.faults);
  if (fault !== undefined) return fault;
  if (device.state === 'opening') return 'The lab is starting.';
  if (device.state === 'failed') return device.sentence;
  return priorBusy ? 'A prior is being opened.' : null;
}

/** The sentence of the status line, for a lab without trouble. */
export function guidance(state: LabState): string {
  const { settings, phase, picture, device } = state;
  const [fault] = Object.values(settings.faults);
  if (phase === 'idle' && fault !== undefined) return `Run is off: ${fault}`;
  if (phase === 'cancelling') return 'Stopping at the next safe point…';
  if (phase !== 'idle' && state.study.running) {
    const what = state.study.progress?.label ?? 'Starting';
    return phase === 'paused' ? `Study paused: ${what}. Resume to go on.` : `Study: ${what}…`;
  }
  if (phase !== 'idle') {
    const current = STAGES.find((stage) => picture.stages[stage].state === 'running');
    const label = current && picture.stages[current].progress?.label;
    const what = current ? (label ?? STAGE_WORDS[current]) : 'Starting';
    return phase === 'paused' ? `Paused: ${what}. Resume, or step to the next picture.` : `${what}…`;
  }
  const stale = staleNow(state);
  if (stale && isOnlyOpened(stale) && state.opened) return `Opened from the history: “${state.opened.name}” of ${momentWords(state.opened.created)}. Run again to explore further.`;
  if (stale) {
    // With nothing but MAP, and nothing damaged, there is nothing here that could be out of date.
    const averages = picture.inference !== null || settings.config['sampling.method'] !== 'map' || settings.config['robustness.images'] > 0;
    const what = stale.because.length > 3 ? `${stale.because.slice(0, 2).join(', ')} and ${stale.because.length - 2} more` : stale.because.join(', ');
    return `Changed: ${what}. Out of date: ${staleStages(stale.from).filter((stage) => stage !== 'inference' || averages).map((stage) => STAGE_WORDS[stage]).join(', ')}.`;
  }
  if (state.shown !== null && isWhole(picture)) return `Finished. ${lineOf(picture.stages.verdict.sentence ?? '')}`.trim();
  if (state.shown !== null) return 'Stopped. What was finished stays; run to go on.';
  return device.state === 'opening' ? 'Starting the lab…' : invitation(settings.config, state.imported !== null);
}

function invitation(config: Config, imported: boolean): string {
  const own = config['source.data'] !== GLYPHS || config['downstream.data'] !== GLYPHS || config['source.classes'].length + config['downstream.classes'].length > 0;
  if (onToy(config)) return 'Press Run: the lab learns points in the plane, makes a prior of them, and tests it on points that were turned and moved.';
  const target = config['downstream.shift'] === 'none' ? 'handwritten digits' : 'handwritten digits made harder';
  if (imported) return `Press Run: the prior that was opened is tested against its rivals on ${own ? 'the downstream data' : target}.`;
  return own
    ? 'Press Run: the lab learns the source, makes a prior of it, and tests it on the downstream data.'
    : `Press Run: the lab learns printed letters, makes a prior of them, and tests it on ${target}.`;
}

/** `The run of 14:02 was cut off at 62% of Downstream.` */
export function unfinishedWords({ started, stage, share, config }: Pick<Unfinished, 'started' | 'stage' | 'share' | 'config'>, now = new Date()): string {
  const at = new Date(started);
  const time = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  const when = at.toDateString() === now.toDateString() ? time : momentWords(started);
  return `The run “${config.name}” of ${when} was cut off at ${Math.round(100 * share)}% of ${STAGE_WORDS[stage]}; it can go on from there to the same numbers.`;
}

/** `24 Nov 2026, 14:02`, in the visitor's own time. */
export function momentWords(iso: string): string {
  return new Date(iso).toLocaleString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });
}

/** `Apple M3 · WebGPU`, `2 CPU cores · WebAssembly`. */
export function deviceWords({ backend, adapter, workers }: Pick<EngineInfo, 'backend' | 'adapter' | 'workers'>): string {
  const names: Record<EngineInfo['backend'], string> = { webgpu: 'WebGPU', webgl: 'WebGL', wasm: 'WebAssembly', cpu: 'plain JavaScript' };
  const where = adapter ?? `${workers} CPU core${workers === 1 ? '' : 's'}`;
  return `${where} · ${names[backend]}`;
}
