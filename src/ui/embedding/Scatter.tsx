/** Points in the plane, coloured by class; the one under the pointer, or that the arrow keys chose, is told with its image. */
import { useElementSize } from '@mantine/hooks';
import { type KeyboardEvent, memo, type PointerEvent, useMemo, useState } from 'react';
import { INK } from '../charts/ink.ts';
import { type AxisSpec, PlotFrame } from '../charts/PlotFrame.tsx';
import { TooltipCard } from '../charts/recharts.tsx';
import { niceTicks } from '../charts/scale.ts';
import { TileCanvas } from '../data/TileCanvas.tsx';
import type { Tile } from '../data/tiles.ts';
import type { ClassMark } from './class-marks.ts';
import styles from './embedding.module.css';
import { byClass, type Frame, frameOf, leftToRight, nearestPoint, placedMarkers } from './scatter.ts';

export const HEIGHT = 330;
/** Pointer to point, px. */
const REACH = 16;

interface ScatterProps {
  label: string;
  axes: [string, string];
  /** Whether distances along the axes mean anything. */
  ticks: boolean;
  /** [N, 2] */
  points: Float32Array;
  labels: Uint16Array;
  classNames: readonly string[];
  marks: readonly ClassMark[];
  /** Drawn above the others, which fade. */
  lifted: number | null;
  /** Row of the data and image of a point; null while there is none. */
  rows: Uint32Array;
  tile(index: number): Tile | null;
}

export const Scatter = memo(function Scatter({ label, axes, ticks, points, labels, classNames, marks, lifted, rows, tile }: ScatterProps) {
  const { ref, width } = useElementSize();
  const [at, setAt] = useState(-1);
  const margin = { top: 8, right: 8, bottom: ticks ? 36 : 24, left: ticks ? 54 : 24 };
  const frame = useMemo(() => frameOf(points, { left: margin.left, right: Math.max(margin.left + 10, width - margin.right), top: margin.top, bottom: HEIGHT - margin.bottom }), [points, width, margin.left, margin.right, margin.top, margin.bottom]);
  const order = useMemo(() => leftToRight(points), [points]);
  const counts = (index: number) => lifted === null || labels[index] === lifted;
  const shown = at >= 0 && at < labels.length ? at : -1;
  const point = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    setAt(nearestPoint(points, frame, { x: event.clientX - box.left, y: event.clientY - box.top }, REACH, counts));
  };
  const walk = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) {
      if (event.key === 'Escape') setAt(-1);
      return;
    }
    event.preventDefault();
    const among = order.filter(counts);
    const place = among.indexOf(shown);
    setAt(among[place < 0 ? (step > 0 ? 0 : among.length - 1) : Math.min(among.length - 1, Math.max(0, place + step))] ?? -1);
  };
  const axis = (scale: Frame['x'], title: string): AxisSpec => ({ scale, title, ticks: ticks ? niceTicks(scale.domain[0], scale.domain[1], 4) : [], grid: true });
  return (
    <div
      ref={ref} className={styles.scatter} style={{ height: HEIGHT }} tabIndex={0} role="group" aria-label={`${label}; the arrow keys go from point to point`}
      onPointerMove={point} onPointerLeave={() => setAt(-1)} onKeyDown={walk} onBlur={() => setAt(-1)}
    >
      {width > 0 && (
        <>
          <PlotFrame width={width} height={HEIGHT} margin={margin} label={label} x={axis(frame.x, axes[0])} y={axis(frame.y, axes[1])}>
            <Dots points={points} labels={labels} marks={marks} frame={frame} lifted={lifted} />
            {shown >= 0 && <circle data-transient cx={frame.x(points[2 * shown]!)} cy={frame.y(points[2 * shown + 1]!)} r={9} fill="none" stroke={INK.text} strokeWidth={1.5} />}
          </PlotFrame>
          <div role="status" data-transient className={styles.told} style={shown < 0 ? undefined : placeOf(frame.x(points[2 * shown]!), frame.y(points[2 * shown + 1]!), width)}>
            {shown >= 0 && (
              <TooltipCard title={classNames[labels[shown]!] ?? ''}>
                <Image tile={tile(shown)} />
                <small>row {rows[shown]!.toLocaleString('en-GB')}</small>
              </TooltipCard>
            )}
          </div>
        </>
      )}
    </div>
  );
});

function Image({ tile }: { tile: Tile | null }) {
  return tile && <TileCanvas pixels={tile} className={styles.tile!} />;
}

/** Beside the point, on the side that has room. */
function placeOf(x: number, y: number, width: number) {
  return { ...(x > width / 2 ? { right: width - x + 14 } : { left: x + 14 }), ...(y > HEIGHT / 2 ? { bottom: HEIGHT - y + 4 } : { top: y + 4 }) };
}

/** One element a class: a path of markers, or a text whose letters each have a place. */
const Dots = memo(function Dots({ points, labels, marks, frame: { x, y }, lifted }: Pick<ScatterProps, 'points' | 'labels' | 'marks' | 'lifted'> & { frame: Frame }) {
  const classes = useMemo(() => byClass(labels, marks.length), [labels, marks.length]);
  const order = marks.map((_, c) => c).sort((a, b) => Number(a === lifted) - Number(b === lifted));
  return order.map((c) => {
    const { colour, letter, marker } = marks[c]!;
    const places = classes[c]!.map((i): [number, number] => [x(points[2 * i]!), y(points[2 * i + 1]!)]);
    if (places.length === 0) return null;
    const opacity = lifted === null ? 0.85 : lifted === c ? 1 : 0.13;
    return letter === null
      ? <path key={c} d={placedMarkers(marker, 3.2, places)} fill={colour} stroke={INK.page} strokeWidth={0.5} opacity={opacity} />
      : (
        <text
          key={c} x={places.map((place) => place[0].toFixed(1)).join(' ')} y={places.map((place) => (place[1] + 3.5).toFixed(1)).join(' ')}
          fill={colour} opacity={opacity} fontSize={10} fontWeight={600} textAnchor="middle"
        >{letter.repeat(places.length)}</text>
      );
  });
});
