/** The stages with their progress; each leads to its panel. */
import { memo } from 'react';
import type { Stage } from '../../experiment/config/settings.ts';
import { useSlice } from '../context.ts';
import { shareDone } from '../panels/Panel.tsx';
import { duration } from '../remaining.ts';
import { staleNow, STAGE_WORDS, staleStages, STORY } from '../stale.ts';

/** Names that have room in a segment. */
const SHORT: Partial<Record<Stage, string>> = { surface: 'Surface', inference: 'Average' };

export const StageStrip = memo(function StageStrip() {
  return (
    <nav aria-label="Stages" className="strip">
      <ol>{STORY.map((stage) => <li key={stage}><Segment stage={stage} /></li>)}</ol>
    </nav>
  );
});

function Segment({ stage }: { stage: Stage }) {
  const share = useSlice((state) => shareDone(state.picture.stages[stage]));
  const state = useSlice((all) => {
    const stale = staleNow(all);
    const now = all.picture.stages[stage].state;
    return now === 'done' && stale && staleStages(stale.from).includes(stage) ? 'stale' : now;
  });
  const left = useSlice((all) => {
    const seconds = all.picture.stages[stage].progress?.secondsLeft;
    return all.picture.stages[stage].state === 'running' && seconds != null ? duration(seconds) : null;
  });
  const words = { waiting: 'waiting', running: `running, ${Math.round(100 * share)}%`, done: 'done', stale: 'out of date' }[state];
  return (
    <a className="segment" href={`#${stage}`} data-state={state} aria-label={`${STAGE_WORDS[stage]}: ${words}`} onClick={(event) => {
      // The address belongs to the settings.
      event.preventDefault();
      document.getElementById(stage)?.scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth', block: 'start' });
    }}>
      <span className="segment-name">{SHORT[stage] ?? STAGE_WORDS[stage]}</span>
      <span className="segment-left">{left ?? (state === 'stale' ? 'stale' : '')}</span>
      <span className="segment-line"><span style={{ transform: `scaleX(${share})` }} /></span>
    </a>
  );
}
