/** Panel 5: the loss surface under the prior; moving λ needs neither worker nor GPU. */
import { lazy, memo, Suspense } from 'react';
import { useSlice } from '../context.ts';
import { MoreSettings } from '../settings/SettingsFold.tsx';
import { EXPLANATIONS } from './explanations.ts';
import { SurfaceGhost } from './Ghosts.tsx';
import { Panel } from './Panel.tsx';

const SurfaceView = lazy(() => import('../surface/SurfaceView.tsx').then((module) => ({ default: module.SurfaceView })));

export const SurfacePanel = memo(function SurfacePanel() {
  return (
    <Panel
      stage="surface" number={5} title="Loss surface" explanation={EXPLANATIONS.surface} promise="How far apart the minima of training and test loss are, with and without the prior, will be said here."
      settings={<MoreSettings group="surface" />}
    >
      <div className="chart-place surface-place"><View /></div>
    </Panel>
  );
});

function Ghost() {
  const label = useSlice(({ picture: { stages: { surface } } }) => (surface.state === 'running' ? (surface.progress?.label ?? 'The map is being measured') : null));
  return <SurfaceGhost label={label} />;
}

function View() {
  const plane = useSlice((state) => state.picture.plane);
  const lines = useSlice((state) => state.picture.lines);
  const alignmentGap = useSlice((state) => state.picture.alignmentGap);
  const directionTest = useSlice((state) => state.picture.directionTest);
  const state = useSlice((all) => all.picture.stages.surface.state);
  if (!plane && lines.length === 0) return <Ghost />;
  return (
    <Suspense fallback={<SurfaceGhost label="Drawing the surface" />}>
      <SurfaceView plane={plane} lines={lines} alignmentGap={alignmentGap} directionTest={directionTest} done={state === 'done'} />
    </Suspense>
  );
}
