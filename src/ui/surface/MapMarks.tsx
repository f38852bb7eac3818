/** On a map: the solutions, the minimisers (grid and refined) and where the test NLL is lowest, with labels that do not overlap. */
import type { PlanePoint } from '../../experiment/result.ts';
import { ARM_STYLE, markerPath } from '../charts/arms.ts';
import { reading } from '../charts/format.ts';
import { linearScale } from '../charts/scale.ts';
import type { MapSize } from './contours.ts';
import type { FieldMinimum } from './field.ts';
import { placeLabels } from './labels.ts';

export interface TestMinimum {
  a: number;
  b: number;
}

interface MapMarksProps {
  points: readonly PlanePoint[];
  least: FieldMinimum | null;
  testMinimum: TestMinimum | null;
  inner: MapSize;
  a: [number, number];
  b: [number, number];
}

/** The maps have the same colours in both schemes, and so have their marks. */
const DARK = '#14171a';

export function MapMarks({ points, least, testMinimum, inner, a, b }: MapMarksProps) {
  const x = linearScale(a, [0, inner.width]);
  const y = linearScale(b, [inner.height, 0]);
  const requests = [
    ...points.map((point) => ({ x: x(point.a), y: y(point.b), text: pointName(point) })),
    ...(least ? [{ x: x(least.refined.a), y: y(least.refined.b), text: `min ${least.atBoundary ? '≤ ' : ''}${reading(least.refined.value)}` }] : []),
    ...(testMinimum ? [{ x: x(testMinimum.a), y: y(testMinimum.b), text: 'test min' }] : []),
  ];
  const labels = placeLabels(requests, inner);
  return (
    <g pointerEvents="none">
      {testMinimum && <circle cx={x(testMinimum.a)} cy={y(testMinimum.b)} r={8} fill="none" stroke={DARK} strokeWidth={4} strokeOpacity={0.25} />}
      {testMinimum && <circle cx={x(testMinimum.a)} cy={y(testMinimum.b)} r={8} fill="none" stroke="#ffffff" strokeWidth={2} strokeDasharray="3 2.3" />}
      {least && (
        <g>
          <circle cx={x(least.grid.a)} cy={y(least.grid.b)} r={3.2} fill="none" stroke="#ffffff" strokeWidth={3} />
          <circle cx={x(least.grid.a)} cy={y(least.grid.b)} r={3.2} fill="none" stroke={DARK} strokeWidth={1.3} />
          {([['#ffffff', 4], [DARK, 1.8]] as const).map(([colour, width]) => (
            <path key={colour} d={`M${x(least.refined.a) - 6},${y(least.refined.b)}h12m-6,-6v12`} stroke={colour} strokeWidth={width} />
          ))}
        </g>
      )}
      {points.map((point) => {
        const style = point.arm ? ARM_STYLE[point.arm] : null;
        return (
          <g key={point.name} transform={`translate(${x(point.a).toFixed(1)},${y(point.b).toFixed(1)})`}>
            <path d={style ? markerPath(style.marker, 5.5) : STAR} fill={style?.hex.light ?? '#ffffff'} stroke={style ? '#ffffff' : DARK} strokeWidth={1.6} />
          </g>
        );
      })}
      {labels.map(({ text, at }, i) => (
        <text key={`${i} ${text}`} x={at.x} y={at.y} dy="0.33em" textAnchor={at.anchor} fontSize={11.5} fontWeight={600} fill={DARK} stroke="#ffffff" strokeWidth={3.2} strokeLinejoin="round" paintOrder="stroke">
          {text}
        </text>
      ))}
    </g>
  );
}

function pointName({ name, arm }: PlanePoint): string {
  return arm === null ? name : arm === 'none' ? 'plain' : ARM_STYLE[arm].label.toLowerCase().replace('l2-sp', 'L2-SP');
}

/** The pre-trained point belongs to no arm: a star. */
export const STAR = `M${Array.from({ length: 10 }, (_, k) => {
  const [radius, angle] = [k % 2 === 0 ? 7.5 : 3.2, (k * Math.PI) / 5];
  return `${(radius * Math.sin(angle)).toFixed(2)},${(-radius * Math.cos(angle)).toFixed(2)}`;
}).join('L')}Z`;
