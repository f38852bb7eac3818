/** One line under the bar: what to do, what is going on, what is out of date, or what went wrong and the way on. */
import { Button } from '@mantine/core';
import type { EngineInfo } from '../../engine/contract.ts';
import { useLab, useSlice } from '../context.ts';
import { duration, secondsLeft, workOf } from '../remaining.ts';
import { guidance, unfinishedWords } from './words.ts';

export function StatusLine() {
  const lab = useLab();
  const trouble = useSlice((state) => state.trouble);
  const text = useSlice(guidance);
  const idle = useSlice((state) => state.phase === 'idle');
  const unfinished = useSlice((state) => state.unfinished);
  if (trouble && idle) {
    return (
      <p className="status trouble" role="alert">
        <span>{trouble.sentence}</span>
        {trouble.way === 'restart'
          ? <Button size="compact-xs" onClick={() => void lab.restart()}>Start again</Button>
          : <Button size="compact-xs" variant="default" onClick={() => lab.dismiss()}>Dismiss</Button>}
      </p>
    );
  }
  if (unfinished && idle) {
    return (
      <p className="status cut-off">
        <span>{unfinishedWords(unfinished)}</span>
        <Button size="compact-xs" onClick={() => void lab.goOn()}>Go on with it</Button>
        <Button size="compact-xs" variant="default" onClick={() => void lab.forgetUnfinished()}>Forget it</Button>
      </p>
    );
  }
  return (
    <p className="status">
      <span>{text}</span>
      <TimeLeft />
    </p>
  );
}

/** Chains that run side by side, roughly: a GPU takes dozens of small networks in the time of one. */
function atOnce({ engine, software, workers }: EngineInfo): number {
  return engine === 'fused' && !software ? 32 : workers;
}

function TimeLeft() {
  const left = useSlice((state) => {
    if (state.phase !== 'running' && state.phase !== 'paused') return null;
    if (state.study.running) {
      const seconds = state.study.progress?.secondsLeft ?? null;
      return seconds === null ? 'estimating…' : `about ${duration(seconds)} left`;
    }
    const workers = state.device.state === 'open' ? atOnce(state.device.info) : 1;
    const seconds = secondsLeft(state.picture, workOf((state.shown ?? state.settings).config, workers));
    return seconds === null ? 'estimating…' : `about ${duration(seconds)} left`;
  });
  return left === null ? null : <span className="time-left">{left}</span>;
}
