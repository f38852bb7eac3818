/** Panel 1: what the posterior is learned on, and the learning. */
import { Button } from '@mantine/core';
import { memo, Suspense } from 'react';
import { useLab, useSlice } from '../context.ts';
import { DataPanel } from '../data/DataPanel.tsx';
import { EmbeddingFold } from '../embedding/EmbeddingFold.tsx';
import { NetworkLine } from '../settings/NetworkLine.tsx';
import { FirstSettings, MoreSettings } from '../settings/SettingsFold.tsx';
import { EXPLANATIONS } from './explanations.ts';
import { SourceChart } from './live-charts.ts';
import { StartButton, StartLine } from '../weights/StartLine.tsx';
import { Panel, Waiting } from './Panel.tsx';

const CHART = 306;

export const SourcePanel = memo(function SourcePanel() {
  const imported = useSlice((state) => state.imported?.file ?? null);
  const off = imported !== null;
  return (
    <Panel
      stage="source" number={1} title="Source" explanation={EXPLANATIONS.source} promise="How well the network learned the source will be said here."
      settings={<><EmbeddingFold /><MoreSettings group="source" disabled={off}><StartButton disabled={off} /></MoreSettings></>} {...(off ? { status: 'imported' } : {})}
    >
      <DataPanel role="source" disabled={off} />
      <FirstSettings group="source" disabled={off} />
      {!off && <NetworkLine />}
      {!off && <StartLine />}
      <div className="chart-place" style={{ minHeight: CHART }}>{off ? <Imported file={imported} /> : <Curve />}</div>
    </Panel>
  );
});

function Curve() {
  const points = useSlice((state) => state.picture.source);
  const burnSteps = useSlice((state) => (state.shown ?? state.settings).config['source.steps']);
  const swagSteps = useSlice((state) => (state.shown ?? state.settings).config['posterior.steps']);
  const method = useSlice((state) => (state.shown ?? state.settings).config['source.method']);
  const running = useSlice((state) => state.picture.stages.source.state === 'running');
  if (points.length === 0) return <Waiting height={CHART}>{running ? 'The first steps are under way…' : 'The learning curve of the source network, drawn as it learns. Press Run; or choose a ready-made prior in the next panel, and nothing has to be learned here.'}</Waiting>;
  return (
    <Suspense fallback={<Waiting height={CHART}>The first steps are under way…</Waiting>}>
      <SourceChart points={points} method={method} burnSteps={burnSteps} totalSteps={burnSteps + swagSteps} />
    </Suspense>
  );
}

function Imported({ file }: { file: string }) {
  const lab = useLab();
  const idle = useSlice((state) => state.phase === 'idle');
  return (
    <div className="waiting" style={{ minHeight: CHART }}>
      <p>Nothing is learned here: the prior comes from <strong>{file}</strong>.</p>
      <Button size="xs" variant="default" disabled={!idle} onClick={() => void lab.material.forgetPrior()}>Learn it here instead</Button>
    </div>
  );
}
