/** Panel 6: from one MAP solution to a posterior: ensembles and averages over sampled networks, and whether the sampler sampled. */
import { lazy, memo, Suspense } from 'react';
import { SolutionPlane } from '../beliefs/SolutionPlane.tsx';
import { useSlice } from '../context.ts';
import { InferenceGhost } from '../inference/InferenceGhost.tsx';
import { FirstSettings, MoreSettings } from '../settings/SettingsFold.tsx';
import { EXPLANATIONS } from './explanations.ts';
import { Panel } from './Panel.tsx';

const InferenceView = lazy(() => import('../inference/InferenceView.tsx').then((module) => ({ default: module.InferenceView })));

export const InferencePanel = memo(function InferencePanel() {
  return (
    <Panel
      stage="inference" number={6} title="Bayesian average" explanation={EXPLANATIONS.inference} promise="Whether averaging over the posterior beats its best point, and whether the sampler can be believed, will be said here."
      settings={<MoreSettings group="inference" />}
    >
      <FirstSettings group="inference" />
      <div className="chart-place" style={{ minHeight: 420 }}><View /></div>
      <SolutionPlane />
    </Panel>
  );
});

function View() {
  const inference = useSlice((state) => state.picture.inference);
  const label = useSlice(({ picture: { stages: { inference: stage } } }) => (stage.state === 'running' ? (stage.progress?.label ?? 'The chains are at the start') : null));
  if (!inference) return <InferenceGhost label={label} />;
  return <Suspense fallback={<InferenceGhost label="Drawing what the chains found" />}><InferenceView inference={inference} /></Suspense>;
}
