/** Panel 3: the new task, the arms that compete for it and how each is tuned, and their race. */
import { memo, Suspense, useMemo } from 'react';
import { useSlice } from '../context.ts';
import { DataPanel } from '../data/DataPanel.tsx';
import { FirstSettings, MoreSettings } from '../settings/SettingsFold.tsx';
import { EXPLANATIONS } from './explanations.ts';
import { RaceChart } from './live-charts.ts';
import { Panel, Waiting } from './Panel.tsx';
import { tuningWords } from './tuning.ts';

const CHART = 424;

export const DownstreamPanel = memo(function DownstreamPanel() {
  const config = useSlice((state) => state.settings.config);
  const words = useMemo(() => tuningWords(config), [config]);
  return (
    <Panel
      stage="downstream" number={3} title="Downstream" explanation={EXPLANATIONS.downstream} promise="What was tuned, and whether a grid was too narrow, will be said here."
      settings={<MoreSettings group="downstream" />}
    >
      <DataPanel role="downstream" />
      <FirstSettings group="downstream" />
      <p className="tuning">{words}</p>
      <div className="chart-place" style={{ minHeight: CHART }}><Race /></div>
    </Panel>
  );
});

function Race() {
  const race = useSlice((state) => state.picture.race);
  const steps = useSlice((state) => state.picture.raceSteps);
  const arms = useSlice((state) => (state.shown ?? state.settings).config.arms);
  const seeds = useSlice((state) => (state.shown ?? state.settings).config.seeds);
  const running = useSlice((state) => state.picture.stages.downstream.state === 'running');
  const list = useMemo(() => [...arms], [arms]);
  if (race.length === 0) return <Waiting height={CHART}>{running ? 'The arms are at the start…' : 'The arms racing: the validation loss of each, with a band over seeds. Press Run.'}</Waiting>;
  return (
    <Suspense fallback={<Waiting height={CHART}>The arms are at the start…</Waiting>}>
      <RaceChart race={race} steps={steps} arms={list} seeds={seeds} />
    </Suspense>
  );
}
