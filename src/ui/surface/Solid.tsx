/** The 3-D view of the plane: the training objective under the prior, and the test NLL as a sheet of its own. */
import { Button, Group } from '@mantine/core';
import { useMemo, useRef } from 'react';
import type { Plane, Trail } from '../../experiment/result.ts';
import type { Family } from '../../prior/prior.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { settingText } from '../charts/format.ts';
import { saveBlob } from '../charts/save.ts';
import { useLab } from '../context.ts';
import { sentenceOf } from '../store.ts';
import { lossDomain } from './colour.ts';
import { fieldMinimum } from './field.ts';
import { priorAt, type PriorSetting, scaleOf } from './objective.ts';
import { objectiveOnPlane } from './quantities.ts';
import Surface3D, { type Surface3DHandle } from './three/Surface3D.tsx';

interface SolidProps {
  plane: Plane;
  family: Family | null;
  setting: PriorSetting;
  trails: readonly Trail[];
  dark: boolean;
}

export function Solid({ plane, family, setting, trails, dark }: SolidProps) {
  const lab = useLab();
  const handle = useRef<Surface3DHandle>(null);
  const prior = priorAt(plane.priors, family, setting.rank);
  const values = useMemo(() => (prior ? objectiveOnPlane(plane, prior, setting) : plane.trainNll), [plane, prior, setting]);
  // One vertical scale, that of the losses without a prior: what the prior lifts out of it leaves the box.
  const scale = useMemo(() => lossDomain([plane.trainNll, plane.testNll]), [plane]);
  const minima = useMemo(() => [values, plane.testNll].flatMap((field, sheet) => {
    const least = fieldMinimum({ a: plane.a, b: plane.b, values: field })?.refined;
    return least ? [{ sheet, ...least }] : [];
  }), [plane, values]);
  if (!scale) return null;
  const name = prior ? `Train NLL + ${ARM_STYLE[prior.family].label} prior, λ = ${settingText(scaleOf(prior, setting))}` : 'Train NLL';
  const png = () => void handle.current?.png().then((blob) => saveBlob(blob, 'loss-surface-3d.png')).catch((error: unknown) => lab.complain(sentenceOf(error)));
  return (
    <div>
      <Surface3D
        ref={handle} height={520} label={plane.title} dark={dark} a={plane.a} b={plane.b} ceiling={scale.high} zTitle="loss (nats)" axes={plane.axes}
        sheets={[{ name, values, scale, colours: 'loss', opacity: 1 }, { name: 'Test NLL', values: plane.testNll, scale, colours: 'ink', opacity: 0.45, wire: true }]}
        points={plane.points} trails={trails} minima={minima}
      />
      <Group justify="flex-end"><Button size="compact-xs" variant="default" onClick={png}>Save this view (PNG)</Button></Group>
    </div>
  );
}
