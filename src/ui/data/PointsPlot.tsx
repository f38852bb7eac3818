/** The toy's points in the plane, a colour and a marker a class. */
import { useElementSize } from '@mantine/hooks';
import { memo } from 'react';
import type { PlanePoints } from '../../data/preview.ts';
import { TOY_REACH } from '../../data/toy.ts';
import { INK } from '../charts/ink.ts';
import { Marker } from '../charts/marks.tsx';
import { PlotFrame } from '../charts/PlotFrame.tsx';
import { linearScale } from '../charts/scale.ts';
import { classStyle } from './class-ink.ts';

const HEIGHT = 230;
const MARGIN = { top: 6, right: 8, bottom: 36, left: 44 };
const TICKS = [-TOY_REACH, 0, TOY_REACH];

export const PointsPlot = memo(function PointsPlot({ points, classNames, label }: { points: PlanePoints | null; classNames: readonly string[]; label: string }) {
  const { ref, width } = useElementSize();
  // One unit is as long across as it is up.
  const side = HEIGHT - MARGIN.top - MARGIN.bottom;
  const left = Math.max(MARGIN.left, (width - side) / 2);
  const x = linearScale([-TOY_REACH, TOY_REACH], [left, left + side]);
  const y = linearScale([-TOY_REACH, TOY_REACH], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  return (
    <div>
      <div ref={ref} style={{ height: HEIGHT }}>
        {width > 0 && (
          <PlotFrame
            width={width} height={HEIGHT} margin={{ ...MARGIN, left, right: width - left - side }} label={label}
            x={{ scale: x, ticks: TICKS, title: 'x', grid: true }} y={{ scale: y, ticks: TICKS, title: 'y', grid: true }}
          >
            {points && Array.from(points.labels, (c, i) => {
              const { colour, marker } = classStyle(c);
              return <Marker key={i} shape={marker} x={x(points.x[i]!)} y={y(points.y[i]!)} r={2.6} fill={colour} rim={0.5} />;
            })}
          </PlotFrame>
        )}
      </div>
      <ClassKey classNames={classNames} />
    </div>
  );
});

/** Which colour and marker is which class. */
export function ClassKey({ classNames }: { classNames: readonly string[] }) {
  return (
    <ul className="class-key">
      {classNames.map((name, c) => (
        <li key={name}><svg width={14} height={14} aria-hidden><Marker shape={classStyle(c).marker} x={7} y={7} r={4.5} fill={classStyle(c).colour} /></svg><span style={{ color: INK.text }}>{name}</span></li>
      ))}
    </ul>
  );
}
