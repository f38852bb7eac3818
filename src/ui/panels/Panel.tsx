/** The frame of every panel: its number and name, how far it is, what it shows, one sentence on that, its settings. */
import { type ReactNode, useId } from 'react';
import { useSlice } from '../context.ts';
import type { Stage } from '../../experiment/config/settings.ts';
import { isOnlyOpened, staleNow, staleStages } from '../stale.ts';
import { Explain } from './Explain.tsx';
import type { Explanation } from './explanations.ts';

interface PanelProps {
  stage: Stage;
  number: number;
  title: string;
  explanation: Explanation;
  /** Buttons at the right of the heading. */
  actions?: ReactNode;
  /** What the sentence's place says before there is one. */
  promise: string;
  /** Overrides what the stage says of itself. */
  status?: string;
  settings?: ReactNode;
  children: ReactNode;
}

export function Panel({ stage, number, title, explanation, actions, promise, status, settings, children }: PanelProps) {
  const id = useId();
  const sentence = useSlice((state) => state.picture.stages[stage].sentence);
  return (
    <section className={`panel panel-${stage}`} id={stage} aria-labelledby={id}>
      <header className="panel-head">
        <span className="panel-number" aria-hidden="true">{number}</span>
        <h2 id={id}>{title}</h2>
        <StageStatus stage={stage} {...(status === undefined ? {} : { status })} />
        <div className="panel-actions">{actions}</div>
        <Explain title={title} explanation={explanation} />
      </header>
      <StageLine stage={stage} />
      <div className="panel-body">{children}</div>
      <p className={sentence ? 'panel-sentence' : 'panel-sentence promise'} aria-live="polite">{sentence ?? promise}</p>
      {settings}
    </section>
  );
}

function StageStatus({ stage, status }: { stage: Stage; status?: string }) {
  const text = useSlice((state) => {
    const { state: now, reused } = state.picture.stages[stage];
    if (now === 'running') return 'running';
    if (now === 'waiting') return '';
    const stale = staleNow(state);
    if (stale && staleStages(stale.from).includes(stage)) return isOnlyOpened(stale) ? 'from history' : 'out of date';
    return status ?? (reused ? 'kept' : 'done');
  });
  return <span className="panel-status" data-state={text}>{text}</span>;
}

/** A hairline under the heading that fills as the stage goes on. */
function StageLine({ stage }: { stage: Stage }) {
  const share = useSlice((state) => shareDone(state.picture.stages[stage]));
  return <div className="panel-line" aria-hidden="true"><span style={{ transform: `scaleX(${share})` }} /></div>;
}

/** 0…1 in hundredths, so that a picture is not drawn anew for less. */
export function shareDone({ state, progress }: { state: string; progress: { done: number; total: number } | null }): number {
  if (state === 'done') return 1;
  return state === 'running' && progress ? Math.round((100 * progress.done) / Math.max(1, progress.total)) / 100 : 0;
}

/** What stands in a picture's place before there is one: what will be here, and what to press. */
export function Waiting({ children, height }: { children: ReactNode; height: number }) {
  return <div className="waiting" style={{ minHeight: height }}><p>{children}</p></div>;
}
