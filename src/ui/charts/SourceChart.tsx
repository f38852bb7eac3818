/** Source training, live: the loss on training batches, and the share of them that is right, against steps, the SWAG phase shaded, snapshots as ticks. */
import { useId, useMemo } from 'react';
import { CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, Tooltip, usePlotArea, useXAxisScale, XAxis, YAxis } from 'recharts';
import type { SourcePoint } from '../../experiment/events.ts';
import { Figure } from './Figure.tsx';
import { reading, tickText } from './format.ts';
import { INK, TYPE } from './ink.ts';
import { TICK, TooltipCard, xTitle, yTitle } from './recharts.tsx';
import { niceTicks } from './scale.ts';
import type { SourceMethod } from '../../posterior/posterior.ts';
import { chanceLevel, lossCeiling, snapshotTicks, SOURCE_CURVES, sourceRows } from './source.ts';

interface SourceChartProps {
  points: SourcePoint[];
  method: SourceMethod;
  /** Steps before snapshots are collected. */
  burnSteps: number;
  totalSteps: number;
}

export function SourceChart(props: SourceChartProps) {
  const { points, method } = props;
  const sync = useId();
  const snapshots = useMemo(() => snapshotTicks(points), [points]);
  const level = chanceLevel(points, method);
  const ceiling = lossCeiling(points, level);
  const { loss, unit, share } = SOURCE_CURVES[method];
  const shared = { ...props, snapshots, sync };
  return (
    <Figure title="Source training" name="source-training" csv={() => sourceRows(points, method)}>
      <Curve {...shared} field="nll" name={loss} unit={unit} level={level} domain={[0, ceiling]} ticks={niceTicks(0, ceiling, 4)} text={tickText} height={share ? 140 : 280} first last={!share} />
      {share && <Curve {...shared} field="accuracy" name={share} unit=" (%)" level={null} domain={[0, 1]} ticks={[0, 0.5, 1]} text={(value) => String(Math.round(100 * value))} height={140} first={false} last />}
    </Figure>
  );
}

interface CurveProps extends SourceChartProps {
  snapshots: number[];
  sync: string;
  field: 'nll' | 'accuracy';
  name: string;
  unit: string;
  /** Drawn as a dashed line: what chance would give. */
  level: number | null;
  domain: [number, number];
  ticks: number[];
  text: (value: number) => string;
  height: number;
  /** The upper chart, which carries the name of the SWAG phase, and the lower, which carries the axis of steps. */
  first: boolean;
  last: boolean;
}

function Curve({ points, burnSteps, totalSteps, snapshots, sync, field, name, unit, level, domain, ticks, text, height, first, last }: CurveProps) {
  const steps = niceTicks(0, totalSteps, 5);
  const title = `${name}${unit}`;
  return (
    <ResponsiveContainer width="100%" height={height} minWidth={0}>
      <LineChart data={points} syncId={sync} syncMethod="value" margin={{ top: first ? 20 : 8, right: 14, bottom: last ? 18 : 2, left: 0 }} accessibilityLayer title={`${title} against steps`}>
        <CartesianGrid stroke={INK.grid} vertical={false} />
        <SwagPhase steps={snapshots} from={burnSteps} labelled={first} />
        <XAxis
          dataKey="step" type="number" domain={[0, totalSteps]} ticks={steps} tick={last ? TICK : false} tickFormatter={tickText} height={last ? 24 : 6}
          stroke={INK.axis} label={last ? xTitle('SGD step') : undefined} allowDataOverflow
        />
        <YAxis type="number" domain={domain} ticks={ticks} tick={TICK} tickFormatter={text} width={52} stroke={INK.axis} label={yTitle(title)} />
        {level !== null && (
          <ReferenceLine y={level} stroke={INK.muted} strokeDasharray="4 3" label={{ value: `chance, log(2B − 1) = ${reading(level)}`, position: 'insideBottomRight', fontSize: TYPE.tick, fill: INK.muted }} />
        )}
        <Line dataKey={field} stroke={INK.text} strokeWidth={1.6} dot={points.length < 3} activeDot={{ r: 3.5 }} isAnimationActive={false} />
        <Tooltip
          isAnimationActive={false} cursor={{ stroke: INK.axis }}
          content={({ active, label }) => {
            const point = points.find(({ step }) => step === label);
            if (!active || !point) return null;
            const value = field === 'nll' ? `${name} ${reading(point.nll)}` : `${name.toLowerCase()} ${(100 * point.accuracy).toFixed(1)}%`;
            return <TooltipCard title={`Step ${point.step}`}>{value}{!first ? '' : `, learning rate ${tickText(Number(point.learningRate.toPrecision(2)))}`}</TooltipCard>;
          }}
        />
      </LineChart>
    </ResponsiveContainer>
  );
}

/** The phase shaded with its name above and a tick a snapshot at the foot. */
function SwagPhase({ steps, from, labelled }: { steps: readonly number[]; from: number; labelled: boolean }) {
  const scale = useXAxisScale();
  const area = usePlotArea();
  if (!scale || !area) return null;
  const foot = area.y + area.height;
  const start = scale(from);
  if (start === undefined) return null;
  const room = area.x + area.width - start;
  return (
    <g pointerEvents="none">
      <rect x={start} y={area.y} width={Math.max(0, room)} height={area.height} fill={INK.shade} />
      {steps.map((step) => {
        const x = scale(step);
        return x === undefined ? null : <line key={step} x1={x} x2={x} y1={foot - 6} y2={foot} stroke={INK.muted} strokeWidth={1} />;
      })}
      {labelled && (
        <text x={area.x + area.width} y={area.y - 6} textAnchor="end" fontSize={TYPE.tick} fill={INK.muted}>
          SWAG: {steps.length} snapshot{steps.length === 1 ? '' : 's'}
        </text>
      )}
    </g>
  );
}
