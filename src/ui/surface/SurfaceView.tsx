/**
 * The loss-surface panel's body: three linked maps of one plane, the prior and its λ, and the cuts with the alignment
 * gap. λ moves the training objective in closed form; nothing here asks the worker for anything.
 */
import { useDeferredValue, useMemo, useState } from 'react';
import { LEARNED } from '../../experiment/cuts.ts';
import type { AlignmentGap, Line, Plane } from '../../experiment/result.ts';
import type { Family } from '../../prior/prior.ts';
import { Cuts } from './Cuts.tsx';
import { Maps } from './Maps.tsx';
import { ScaleSlider } from './ScaleSlider.tsx';
import styles from './surface.module.css';

interface SurfaceViewProps {
  plane: Plane | null;
  lines: Line[];
  alignmentGap: AlignmentGap[];
  /** The plane is complete: cells that are NaN now were not finite. */
  resolutionDone: boolean;
}

export function SurfaceView({ plane, lines, alignmentGap, resolutionDone }: SurfaceViewProps) {
  const [wanted, setFamily] = useState<Family | null>(null);
  const [scales, setScales] = useState<Partial<Record<Family, number>>>({});
  const priors = plane?.priors;
  const prior = useMemo(() => {
    const find = (family: Family | null) => priors?.find((candidate) => candidate.family === family);
    return find(wanted) ?? find(learnedOf(plane)) ?? priors?.[0] ?? null;
  }, [priors, plane, wanted]);
  const family = prior?.family ?? null;
  const moved = family === null ? undefined : scales[family];
  // A λ that a new run's ladder does not have goes back to the tuned one.
  const scale = prior ? (moved !== undefined && prior.quadratics.scales.includes(moved) ? moved : prior.chosenScale) : 1;
  // The slider answers at once; maps and cuts follow as fast as the machine can.
  const drawn = useDeferredValue(scale);
  if (!plane && lines.length === 0) {
    return <div className={styles.waiting}>The loss maps and cuts appear here once the comparison is done.<br />They need plain fine-tuning and at least one prior among the arms.</div>;
  }
  return (
    <div className={styles.panel}>
      {plane && prior && (
        <ScaleSlider
          families={plane.priors.map((one) => one.family)} family={prior.family} onFamily={setFamily} scales={prior.quadratics.scales} scale={scale}
          chosen={prior.chosenScale} onScale={(value) => setScales((before) => ({ ...before, [prior.family]: value }))}
        />
      )}
      {plane && <Maps plane={plane} family={family} scale={drawn} done={resolutionDone} />}
      {lines.length > 0 && <Cuts lines={lines} alignmentGap={alignmentGap} family={family} scale={drawn} tuned={prior === null || drawn === prior.chosenScale} />}
    </div>
  );
}

/** The prior whose solution spans the plane. */
function learnedOf(plane: Plane | null): Family | null {
  const arms = plane?.points.map((point) => point.arm) ?? [];
  return [...LEARNED, 'l2-sp' as const, 'isotropic' as const].find((family) => arms.includes(family)) ?? null;
}
