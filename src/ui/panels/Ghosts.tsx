/** Waiting states with the shape of what will come: the arms that compete, and the maps and line of the surface. */
import { memo } from 'react';
import type { Arm } from '../../prior/prior.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { ArmKey } from '../charts/marks.tsx';

/** What an arm is, in a line. */
const ABOUT: Record<Arm, string> = {
  scratch: 'a random start and no prior: what n examples alone can teach',
  none: 'starts at the pre-trained mean, without a prior',
  probe: 'the pre-trained extractor is frozen; only the head learns',
  isotropic: 'a prior around zero with one width for all weights: weight decay',
  'l2-sp': 'a prior around the pre-trained mean with one width for all weights',
  layerwise: 'around the mean, with one learned width a layer',
  diagonal: 'around the mean, with one learned width a weight',
  'low-rank': 'around the mean, with the learned widths and directions',
  'shift-trajectory': 'around where the network goes when the source is learned again under corruptions',
};

export const ArmsGhost = memo(function ArmsGhost({ arms, running }: { arms: readonly Arm[]; running: boolean }) {
  return (
    <div className="ghost-arms">
      <p>{running ? 'The table comes when every arm has finished.' : 'A row for each arm: test accuracy, NLL and calibration with intervals over seeds, and paired differences to plain fine-tuning and to L2-SP. These compete:'}</p>
      <ul>
        {arms.map((arm) => <li key={arm}><ArmKey arm={arm} /><span className="ghost-label">{ARM_STYLE[arm].label}</span><span className="ghost-about">{ABOUT[arm]}</span></li>)}
      </ul>
    </div>
  );
});

export function SurfaceGhost({ label }: { label: string | null }) {
  return (
    <div className="ghost-surface">
      <p>{label ? `${label}…` : 'The loss on a plane through the solutions, with λ to drag, and the gap between the minima of training and test loss along a line. Press Run.'}</p>
      <div className="ghost-maps">{['Train NLL', 'Train NLL + prior', 'Test NLL'].map((name) => <div key={name}>{name}</div>)}</div>
      <div className="ghost-line">Along a cut: plain solution to learned prior</div>
    </div>
  );
}
