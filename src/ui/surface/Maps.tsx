/** The plane's three maps side by side (one at a time where there is no room), with what they share: places, colours, crosshair. */
import { SegmentedControl, Switch, Text, VisuallyHidden } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { memo, useCallback, useMemo, useState } from 'react';
import type { Plane } from '../../experiment/result.ts';
import type { Family } from '../../prior/prior.ts';
import type { CsvValue } from '../../storage/exports.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { Figure } from '../charts/Figure.tsx';
import { reading, settingText } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import { CLIP, lossDomain } from './colour.ts';
import { ContourMap, MAP_MARGIN, mapHeight, type Place, placeText } from './ContourMap.tsx';
import { bilinear, type Field, fieldMinimum } from './field.ts';
import { MapKey } from './MapKey.tsx';
import { objectiveOnPlane } from './objective.ts';

const GAP = 18;
/** Three maps need this much; below, one is shown at a time. */
const ABREAST = 760;
const VIEWS = [{ value: 'train', label: 'Train' }, { value: 'objective', label: 'Train + prior' }, { value: 'test', label: 'Test' }] as const;
type View = (typeof VIEWS)[number]['value'];

interface MapsProps {
  plane: Plane;
  family: Family | null;
  scale: number;
  done: boolean;
}

export const Maps = memo(function Maps({ plane, family, scale, done }: MapsProps) {
  const { ref, width } = useElementSize();
  const [cross, setCross] = useState<Place | null>(null);
  const [spoken, setSpoken] = useState('');
  const [view, setView] = useState<View>('objective');
  const [oneScale, setOneScale] = useState(false);
  const train = useMemo<Field>(() => ({ a: plane.a, b: plane.b, values: plane.trainNll }), [plane]);
  const test = useMemo<Field>(() => ({ a: plane.a, b: plane.b, values: plane.testNll }), [plane]);
  const prior = plane.priors.find((candidate) => candidate.family === family) ?? null;
  const objective = useMemo<Field | null>(() => prior && { a: plane.a, b: plane.b, values: objectiveOnPlane(plane, prior, scale) }, [plane, prior, scale]);
  const shared = useMemo(() => lossDomain([plane.trainNll, plane.testNll]), [plane]);
  const own = useMemo(() => ({ train: lossDomain([train.values]), test: lossDomain([test.values]) }), [train, test]);
  const lifted = useMemo(() => (objective ? lossDomain([objective.values]) : null), [objective]);
  const domains = oneScale ? { train: shared, objective: shared, test: shared } : { ...own, objective: lifted };
  const testMinimum = useMemo(() => fieldMinimum(test)?.refined ?? null, [test]);
  const move = useCallback((place: Place | null, by: 'pointer' | 'keyboard') => {
    setCross(place);
    if (by === 'pointer') return;
    const told = place && [['train NLL', train], ['train + prior', objective], ['test NLL', test]].flatMap(([name, field]) =>
      (field && typeof field !== 'string' ? [`${String(name)} ${reading(bilinear(field, place.a, place.b))}`] : []));
    setSpoken(place && told ? `${placeText(place)}: ${told.join(', ')}` : 'Crosshair removed');
  }, [train, objective, test]);

  const abreast = width >= ABREAST;
  const count = abreast ? (objective ? 3 : 2) : 1;
  const mapWidth = Math.floor((width - GAP * (count - 1)) / count);
  const { height, equal } = innerSize(plane, mapWidth - MAP_MARGIN.left - MAP_MARGIN.right);
  const inner = useMemo(() => ({ width: Math.max(10, mapWidth - MAP_MARGIN.left - MAP_MARGIN.right), height }), [mapWidth, height]);
  const shownView: View = view === 'objective' && !objective ? 'train' : view;
  const visible = (name: View) => abreast || shownView === name;
  const common = { width: mapWidth, inner, points: plane.points, done, cross, onCross: move };
  const percent = Math.round(100 * CLIP);
  return (
    <Figure
      title={`The plane through the pre-trained point and both solutions, seed ${plane.seed}`} name="loss-surface" csv={() => planeCsv(plane, objective, family, scale)}
      controls={abreast ? <Switch size="xs" label="Same colours" checked={oneScale} onChange={(event) => setOneScale(event.currentTarget.checked)} /> : <SegmentedControl size="xs" aria-label="Map" value={shownView} onChange={(value) => setView(VIEWS.find((one) => one.value === value)?.value ?? 'objective')} data={VIEWS.filter(({ value }) => value !== 'objective' || objective).map(({ value, label }) => ({ value, label }))} />}
    >
      <div ref={ref} style={{ display: 'flex', gap: GAP, minHeight: width > 0 ? mapHeight(inner) : 420 }}>
        {!domains.train && <Text size="sm" c={INK.muted} m="auto">The first points of the maps are being computed.</Text>}
        {width > 0 && domains.train && domains.test && (
          <>
            {visible('train') && <ContourMap {...common} title="Train NLL" subtitle={`N = ${plane.n} training images`} field={train} domain={domains.train} testMinimum={testMinimum} />}
            {objective && family && domains.objective && visible('objective') && (
              <ContourMap
                {...common} title="Train NLL + prior/N" subtitle={`${ARM_STYLE[family].label} prior, λ = ${settingText(scale)}`}
                field={objective} domain={domains.objective} testMinimum={testMinimum}
              />
            )}
            {visible('test') && <ContourMap {...common} title="Test NLL" subtitle="never used in training" field={test} domain={domains.test} testMinimum={null} />}
          </>
        )}
      </div>
      <MapKey points={plane.points} />
      <Text size="xs" c={INK.muted} data-caption>
        Bright is low. {oneScale ? 'All maps share the colours of train and test NLL' : 'Each map has colours of its own'}; what lies above the {percent}% quantile has the darkest.
        {objective && ' The prior term leaves out what does not depend on the place.'}
        {!equal && ' The two axes have different scales.'}
        {done && plane.trainNll.some((value) => !Number.isFinite(value)) && ' Hatched: the loss was not finite.'}
      </Text>
      <VisuallyHidden aria-live="polite">{spoken}</VisuallyHidden>
    </Figure>
  );
});

/** Distances on the map are distances between parameters: both axes have one scale, unless the plane is too flat or too tall. */
function innerSize({ a, b }: Plane, width: number): { height: number; equal: boolean } {
  const wanted = (b.at(-1)! - b[0]!) / (a.at(-1)! - a[0]!);
  const ratio = Math.max(0.5, Math.min(1.1, wanted));
  return { height: Math.max(10, Math.round(ratio * width)), equal: Math.abs(ratio - wanted) < 1e-6 };
}

function planeCsv(plane: Plane, objective: Field | null, family: Family | null, scale: number): CsvValue[][] {
  return [
    ['a', 'b', 'train_nll', 'objective', 'test_nll', 'prior', 'scale'],
    ...plane.trainNll.map((value, k): CsvValue[] => [
      plane.a[k % plane.a.length]!, plane.b[Math.floor(k / plane.a.length)]!, value, objective?.values[k] ?? null, plane.testNll[k]!, objective ? family : null, objective ? scale : null,
    ]),
  ];
}
