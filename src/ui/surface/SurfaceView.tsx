/**
 * The loss-surface studio: choose a cut, drag the prior, see maps or a 3-D surface follow, look at a point, read the
 * evidence. Dragging touches nothing but numbers that are already here; a cut is measured by the worker.
 */
import { Text, useComputedColorScheme } from '@mantine/core';
import { lazy, Suspense, useCallback, useDeferredValue, useMemo, useState } from 'react';
import { cutFamilies, lineName } from '../../experiment/surface/cuts.ts';
import type { AlignmentGap, DirectionTest, Line, Plane, Trail } from '../../experiment/result.ts';
import type { Family } from '../../prior/prior.ts';
import { Figure } from '../charts/Figure.tsx';
import { INK } from '../charts/ink.ts';
import { useLab, useSlice } from '../context.ts';
import { CutChooser, CutProgress } from './CutChooser.tsx';
import { Cuts } from './Cuts.tsx';
import { fieldMinimum } from './field.ts';
import { Inspector } from './Inspector.tsx';
import { LineChooser } from './LineChooser.tsx';
import { Maps } from './Maps.tsx';
import type { Place } from './MapMarks.tsx';
import { Numbers } from './Numbers.tsx';
import type { PriorSetting } from './objective.ts';
import { familyOf, ghostsOf, livePictures, mapKeys, mapsCsv, mapsJson, stillPictures } from './pictures.ts';
import { PriorControls } from './PriorControls.tsx';
import styles from './surface.module.css';
import { settingOf } from './view.ts';
import { ViewControls } from './ViewControls.tsx';

const Solid = lazy(() => import('./Solid.tsx').then((module) => ({ default: module.Solid })));

const NO_TRAILS: readonly Trail[] = [];

interface SurfaceViewProps {
  plane: Plane | null;
  lines: Line[];
  alignmentGap: AlignmentGap[];
  directionTest: DirectionTest | null;
  /** The stage is done: cells that are NaN now were not finite, and cuts may be asked for. */
  done: boolean;
}

export function SurfaceView({ plane, lines, alignmentGap, directionTest, done }: SurfaceViewProps) {
  const lab = useLab();
  const choice = useSlice((state) => state.surface.choice);
  const free = useSlice((state) => state.phase === 'idle' && state.picture.result !== null);
  const busy = useSlice((state) => state.surface.busy);
  const tunedFloor = useSlice((state) => (state.shown ?? { config: state.settings.config }).config['prior.floor']);
  const [moving, setMoving] = useState<PriorSetting | null>(null);
  const [ghost, setGhost] = useState<PriorSetting | null>(null);
  const settled = useMemo(() => settingOf(choice.setting, tunedFloor), [choice.setting, tunedFloor]);
  const setting = moving ?? settled;
  // The maps follow a drag frame by frame; plots and tables as fast as that leaves time for.
  const followed = useDeferredValue(setting);
  const priors = plane?.priors ?? lines[0]?.priors ?? [];
  const family = familyOf(priors, choice.family);
  const keep = useCallback((next: PriorSetting) => lab.chooseSurface({ setting: { ...next, floor: next.floor === tunedFloor ? null : next.floor } }), [lab, tunedFloor]);
  const move = useCallback((next: PriorSetting, begun: boolean) => {
    if (begun) setGhost(settled);
    setMoving(next);
    // The worker is asked for a rank it has not told yet while the slider still moves.
    if (next.rank !== settled.rank) keep(next);
  }, [settled, keep]);
  const settle = useCallback((next: PriorSetting) => {
    setMoving(null);
    keep(next);
  }, [keep]);
  const shownGhost = ghost && JSON.stringify(ghost) !== JSON.stringify(setting) ? ghost : null;
  const followedGhost = useDeferredValue(shownGhost);
  const families = useMemo(() => [...new Set(lines.flatMap((line) => line.priors.map((prior) => prior.family)))], [lines]);
  const cut = useCutAskedFor();
  const lineChooser = useMemo(() => <LineChooser free={free} />, [free]);
  return (
    <div className={styles.panel}>
      {plane && <CutChooser plane={plane} free={free} />}
      {plane && <CutProgress plane={plane} />}
      {family && (
        <PriorControls
          priors={priors} family={family} setting={setting} tunedFloor={tunedFloor} ghost={shownGhost !== null} onForgetGhost={() => setGhost(null)}
          onFamily={(one: Family) => lab.chooseSurface({ family: one })} onMove={move} onSettle={settle}
        />
      )}
      {plane && <PlaneView plane={plane} setting={setting} ghost={shownGhost} done={done && busy !== 'plane'} free={free} family={family} />}
      {lines.length > 0 && (
        <Cuts
          lines={lines} alignmentGap={alignmentGap} families={families} family={family ?? cutFamilies(families)[0] ?? null} setting={followed} ghost={followedGhost}
          tuned={followed.factor === 1 && followed.floor === tunedFloor && followed.rank === null} directionTest={directionTest} {...cut} controls={lineChooser}
        />
      )}
    </div>
  );
}

interface PlaneViewProps {
  plane: Plane;
  setting: PriorSetting;
  ghost: PriorSetting | null;
  done: boolean;
  free: boolean;
  family: Family | null;
}

function PlaneView({ plane, setting, ghost, done, free, family }: PlaneViewProps) {
  const lab = useLab();
  const choice = useSlice((state) => state.surface.choice);
  const picked = useSlice((state) => state.surface.picked);
  const inspection = useSlice((state) => state.surface.inspection);
  const found = useSlice((state) => state.surface.trails);
  const dark = useComputedColorScheme('light') === 'dark';
  const drawn = useSlice((state) => state.surface.samples);
  const trails = choice.trails && found?.key === plane.key ? found.trails : NO_TRAILS;
  const samples = choice.samples && drawn?.key === plane.key ? drawn.trails : NO_TRAILS;
  const overlays = useMemo(() => [...trails, ...samples], [trails, samples]);
  const still = useMemo(() => stillPictures(plane, choice, { factor: 1, floor: 0, rank: null }), [plane, choice]);
  const ghosts = useMemo(() => ghostsOf(plane, choice, ghost), [plane, choice, ghost]);
  const live = useMemo(() => livePictures(plane, choice, setting, ghosts), [plane, choice, setting, ghosts]);
  const maps = useMemo(() => {
    const all = new Map([...still, ...live].map((map) => [map.key, map]));
    return mapKeys(plane, choice, setting).flatMap((key) => all.get(key) ?? []);
  }, [still, live, plane, choice, setting]);
  const testMinimum = useMemo(() => fieldMinimum({ a: plane.a, b: plane.b, values: plane.testNll })?.refined ?? null, [plane]);
  const pick = useCallback((place: Place) => void lab.surface.inspect(place), [lab]);
  const close = useCallback(() => void lab.surface.inspect(null), [lab]);
  return (
    <>
      <Figure
        title={plane.title} name="loss-surface" csv={() => mapsCsv(plane, maps)} json={() => mapsJson(plane, maps, setting)} link={() => lab.link()}
        controls={<ViewControls choice={choice} free={free} />}
      >
        {choice.solid
          ? <Suspense fallback={<Text size="sm" c={INK.muted} h={480}>Loading the 3-D view…</Text>}><Solid plane={plane} family={family} setting={setting} trails={trails} dark={dark} /></Suspense>
          : maps.length > 0
            ? <Maps plane={plane} maps={maps} above={choice.compare === 'priors'} done={done} trails={overlays} testMinimum={testMinimum} picked={picked} onPick={pick} />
            : <Text size="sm" c={INK.muted} h={420}>The first points of the maps are being computed.</Text>}
      </Figure>
      {picked && <Inspector picked={picked} inspection={inspection} onClose={close} />}
      <Numbers plane={plane} maps={maps} picked={picked} onPick={pick} />
    </>
  );
}

/** The cut that was asked for last is the one shown, until another is chosen. */
function useCutAskedFor(): { cut: string | null; onCut: (cut: string) => void } {
  const lines = useSlice((state) => state.picture.lines);
  const line = useSlice((state) => state.surface.choice.line);
  const [chosen, setChosen] = useState<{ line: typeof line; cut: string } | null>(null);
  const asked = line === null ? null : lineName(line);
  const there = asked !== null && lines.some((one) => one.cut === asked);
  const onCut = useCallback((cut: string) => setChosen({ line, cut }), [line]);
  return { cut: chosen && chosen.line === line ? chosen.cut : there ? asked : null, onCut };
}
