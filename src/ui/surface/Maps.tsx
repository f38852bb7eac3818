/** The maps of a plane side by side (one at a time where there is no room), with what they share: places, crosshair, colours. */
import { SegmentedControl, Text, VisuallyHidden } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useCallback, useMemo, useState } from 'react';
import type { Plane, Trail } from '../../experiment/result.ts';
import { INK } from '../charts/ink.ts';
import { CLIP } from './colour.ts';
import { ContourMap, MAP_MARGIN, mapHeight, type Place, placeText } from './ContourMap.tsx';
import { bilinear } from './field.ts';
import { MapKey } from './MapKey.tsx';
import type { MapPicture } from './pictures.ts';
import { valueText } from './unit.ts';

const GAP = 14;
/** Least width of a map beside others; below, one is shown at a time. */
const LEAST = 250;

interface MapsProps {
  plane: Plane;
  maps: readonly MapPicture[];
  /** Every map is shown above its own lowest value. */
  above: boolean;
  done: boolean;
  trails: readonly Trail[];
  testMinimum: Place | null;
  picked: Place | null;
  onPick: (place: Place) => void;
}

export function Maps({ plane, maps, above, done, trails, testMinimum, picked, onPick }: MapsProps) {
  const { ref, width } = useElementSize();
  const [cross, setCross] = useState<Place | null>(null);
  const [spoken, setSpoken] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const move = useCallback((place: Place | null, by: 'pointer' | 'keyboard') => {
    setCross(place);
    if (by === 'pointer') return;
    const told = place ? maps.map(({ title, field, scale, unit }) => `${title} ${valueText(bilinear(field, place.a, place.b), scale.kind, unit)}`) : [];
    setSpoken(place ? `${placeText(place)}: ${told.join(', ')}` : 'Crosshair removed');
  }, [maps]);
  const columns = columnsFor(maps.length, width);
  const alone = columns === 1 && maps.length > 1;
  const mapWidth = Math.floor((width - GAP * (columns - 1)) / columns);
  const innerWidth = Math.max(10, mapWidth - MAP_MARGIN.left - MAP_MARGIN.right);
  const { height, equal } = innerHeight(plane, innerWidth);
  const inner = useMemo(() => ({ width: innerWidth, height }), [innerWidth, height]);
  const shown = alone ? [maps.find(({ key }) => key === chosen) ?? maps[0]!] : maps;
  const rows = Math.ceil(shown.length / columns);
  // Its key keeps its place while nothing was moved yet, so that a drag does not push the page down.
  const lifted = maps.some(({ live }) => live);
  return (
    <div>
      {alone && (
        <SegmentedControl
          fullWidth size="xs" mb={8} aria-label="Map" value={shown[0]?.key ?? ''} onChange={setChosen} data-controls
          data={maps.map(({ key, short }) => ({ value: key, label: short }))} styles={{ label: { paddingInline: 4, fontSize: 11 } }}
        />
      )}
      <div ref={ref} style={{ display: 'grid', gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`, gap: `10px ${GAP}px`, minHeight: width > 0 ? rows * mapHeight(inner) + 10 * (rows - 1) : 420 }}>
        {width > 0 && shown.map((map) => (
          <ContourMap
            key={map.key} title={map.title} subtitle={map.subtitle} field={map.field} scale={map.scale} unit={map.unit} width={mapWidth} inner={inner} points={plane.points}
            testMinimum={map.isTest ? null : testMinimum} link={map.live && testMinimum !== null} ghost={map.ghost} trails={trails} ellipses={map.ellipses} axes={plane.axes}
            done={done} cross={cross} onCross={move} picked={picked} onPick={onPick}
          />
        ))}
      </div>
      <MapKey
        points={plane.points} a={plane.a} b={plane.b} link={shown.some(({ live }) => live) && testMinimum !== null} ghost={lifted}
        trails={trails.some(({ temperature }) => temperature === null)} samples={trails.some(({ temperature }) => temperature !== null)} ellipses={shown.some(({ ellipses }) => ellipses.length > 0)} picked={picked !== null}
      />
      <Text size="xs" c={INK.muted} data-caption>
        {above
          ? 'Each map shows by how much its loss exceeds its own lowest value, all in one colour scale; bright is low.'
          : `Losses: bright is low; what lies above the ${Math.round(100 * CLIP)}% quantile has the darkest colour.${lifted ? ' The prior term leaves out what does not depend on the place.' : ''}`}
        {!equal && ' The two axes have different scales.'}
        {done && plane.trainNll.some((value) => !Number.isFinite(value)) && ' Hatched: the loss was not finite.'}
      </Text>
      <VisuallyHidden aria-live="polite">{spoken}</VisuallyHidden>
    </div>
  );
}

/** As many abreast as have room; four that do not fit go two by two. */
function columnsFor(count: number, width: number): number {
  const room = Math.max(1, Math.floor((width + GAP) / (LEAST + GAP)));
  if (count <= room) return Math.max(1, count);
  return count === 4 && room === 3 ? 2 : Math.min(room, count);
}

/** Distances on the map are distances between parameters: both axes have one scale, unless the plane is too flat or too tall. */
function innerHeight({ a, b }: Plane, width: number): { height: number; equal: boolean } {
  const wanted = (b.at(-1)! - b[0]!) / (a.at(-1)! - a[0]!);
  const ratio = Math.max(0.55, Math.min(1.1, wanted));
  return { height: Math.max(10, Math.round(ratio * width)), equal: Math.abs(ratio - wanted) < 1e-6 };
}

