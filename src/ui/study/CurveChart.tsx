/** A metric of every arm against the values of a study: mean, 95% t interval and the single seeds, arms side by side at each value; the lifted arm shows its band. */
import { SegmentedControl, Text } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useState } from 'react';
import { isLogarithmic } from '../../experiment/study/axis.ts';
import { ALL_METRICS, type Metric } from '../../measure/metrics.ts';
import type { CurvePoint, Study } from '../../experiment/study/study-result.ts';
import { studyCurvesRows } from '../../storage/study-exports.ts';
import { type Arm, ARMS } from '../../prior/prior.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { Figure } from '../charts/Figure.tsx';
import { fixed, plusMinus, settingText, tickText } from '../charts/format.ts';
import { INK, TYPE } from '../charts/ink.ts';
import { Marker } from '../charts/marks.tsx';
import { axisRoom, PlotFrame } from '../charts/PlotFrame.tsx';
import { RaceLegend } from '../charts/RaceLegend.tsx';
import { dodge, linearScale, logScale, niceTicks, type Scale } from '../charts/scale.ts';
import { curveDomain, pointsOf } from './domain.ts';

const HEIGHT = 380;

export const METRIC_WORDS: Record<Metric, { short: string; axis: string }> = {
  nll: { short: 'NLL', axis: 'Test NLL (nats)' }, accuracy: { short: 'Accuracy', axis: 'Test accuracy' }, ece: { short: 'ECE', axis: 'Expected calibration error' }, brier: { short: 'Brier', axis: 'Brier score' },
  meanIoU: { short: 'Mean IoU', axis: 'Mean intersection over union' },
};

export function axisTitle({ axis }: Pick<Study, 'axis'>): string {
  return axis.key === 'downstream.n' ? 'Training examples n' : axis.key === 'grid.scales' ? 'λ' : `${axis.label}${axis.unit ? ` (${axis.unit})` : ''}`;
}

export function CurveChart({ study, metric, onMetric }: { study: Study; metric: Metric; onMetric: (metric: Metric) => void }) {
  const [hidden, setHidden] = useState<ReadonlySet<Arm>>(new Set());
  const [lifted, setLifted] = useState<Arm | null>(null);
  const { ref, width } = useElementSize();
  const points = pointsOf(study, metric);
  const arms = ARMS.filter((arm) => points.has(arm));
  const shown = arms.filter((arm) => !hidden.has(arm));
  const domain = curveDomain(points, shown);
  const toggle = (arm: Arm) => setHidden((before) => {
    const after = new Set(before);
    if (!after.delete(arm)) after.add(arm);
    return after;
  });
  const seeds = [...new Set(study.curves.map((one) => one.bySeed.length))].sort((a, b) => a - b);
  const offered = ALL_METRICS.filter((one) => study.curves.some((point) => point.metric === one));
  const switcher = (
    <SegmentedControl
      size="xs" value={metric} aria-label="Metric" onChange={(value) => onMetric(offered.find((one) => one === value) ?? 'nll')}
      data={offered.map((one) => ({ value: one, label: METRIC_WORDS[one].short }))}
    />
  );
  const clipped = domain.clipped.length === 0 ? '' : ` Clipped at ${fixed(domain.high, 2)}: ${domain.clipped.map((arm) => ARM_STYLE[arm].label).join(', ')} goes beyond.`;
  return (
    <Figure title={`${METRIC_WORDS[metric].axis} against ${axisTitle(study)}`} name={`study-${metric}`} csv={() => studyCurvesRows(study)} json={() => ({ axis: study.axis, curves: study.curves.filter((one) => one.metric === metric) })} controls={switcher}>
      <RaceLegend arms={arms} hidden={hidden} onToggle={toggle} onLift={setLifted} />
      <div ref={ref} style={{ height: HEIGHT }}>
        {width > 0 && <Curves {...{ study, points, width, metric, domain }} arms={shown} lifted={lifted !== null && !hidden.has(lifted) ? lifted : null} />}
      </div>
      <Text size="xs" c={INK.muted} mih={20} data-caption>
        {seeds.at(-1)! > 1 ? `Mean over ${seeds.length === 1 ? seeds[0]! : `${seeds[0]!} to ${seeds.at(-1)!}`} seeds with 95% t intervals (arms stand side by side at a value); small dots are single seeds.` : 'One seed: no intervals.'}
        {study.measures === 'average' && ' Priors: the average over sampled networks; other arms: their single solution.'}{clipped}{domain.bandsClipped ? ' Some bands reach beyond the picture.' : ''}
      </Text>
    </Figure>
  );
}

interface CurvesProps {
  study: Study;
  points: ReadonlyMap<Arm, CurvePoint[]>;
  width: number;
  metric: Metric;
  domain: { low: number; high: number };
  arms: readonly Arm[];
  lifted: Arm | null;
}

function Curves({ study, points, width, metric, domain, arms, lifted }: CurvesProps) {
  const wide = width >= 560;
  const ticks = niceTicks(domain.low, domain.high, 6);
  const margin = { top: 14, right: wide ? 150 : 16, bottom: 42, left: axisRoom(ticks, tickText) };
  const { values } = study;
  const span: [number, number] = [values[0]!, values.at(-1)!];
  const pad = 4 + arms.length * (wide ? 2.5 : 1.3);
  const range: [number, number] = values.length > 1 ? [margin.left + pad, width - margin.right - pad] : [(margin.left + width - margin.right) / 2, (margin.left + width - margin.right) / 2];
  const x: Scale = isLogarithmic(values) ? logScale(span, range) : linearScale(span, range);
  const y = linearScale([domain.low, domain.high], [HEIGHT - margin.bottom, margin.top]);
  const order = [...arms].sort((a, b) => Number(a === lifted) - Number(b === lifted));
  return (
    <PlotFrame
      width={width} height={HEIGHT} margin={margin} label={`${METRIC_WORDS[metric].axis} against ${axisTitle(study)}, ${arms.map((arm) => ARM_STYLE[arm].label).join(', ')}`}
      x={{ scale: x, ticks: values, title: axisTitle(study), text: settingText, grid: true }} y={{ scale: y, ticks, title: METRIC_WORDS[metric].axis, grid: true }}
    >
      <clipPath id="study-plot"><rect x={margin.left} y={margin.top - 6} width={width - margin.right - margin.left} height={HEIGHT - margin.bottom - margin.top + 12} /></clipPath>
      <g clipPath="url(#study-plot)">
        {order.map((arm) => <Curve key={arm} arm={arm} points={points.get(arm)!} x={x} y={y} aside={(arms.indexOf(arm) - (arms.length - 1) / 2) * (wide ? 5 : 2.5)} strength={lifted === null || lifted === arm ? 1 : 0.18} lifted={lifted === arm} />)}
      </g>
      {wide && <Ends arms={arms} points={points} y={y} lifted={lifted} at={width - margin.right} top={margin.top} bottom={HEIGHT - margin.bottom} />}
    </PlotFrame>
  );
}

/** `aside`: so many pixels beside its value, that intervals of several arms can be told apart. */
function Curve({ arm, points, x, y, aside, strength, lifted }: { arm: Arm; points: readonly CurvePoint[]; x: Scale; y: Scale; aside: number; strength: number; lifted: boolean }) {
  const { colour, dash, marker } = ARM_STYLE[arm];
  const across = (value: number) => x(value) + aside;
  const place = (value: number, at: number) => `${across(value).toFixed(1)},${y(at).toFixed(1)}`;
  const bands = points.flatMap(({ value, ci95 }) => (ci95 ? [{ value, low: ci95[0], high: ci95[1] }] : []));
  return (
    <g opacity={strength}>
      {lifted && bands.length > 1 && <path d={`M${bands.map((one) => place(one.value, one.high)).join('L')}L${[...bands].reverse().map((one) => place(one.value, one.low)).join('L')}Z`} fill={colour} fillOpacity={0.22} />}
      {bands.map((one) => <path key={one.value} d={`M${place(one.value, one.low)}L${place(one.value, one.high)}`} stroke={colour} strokeWidth={1.4} strokeOpacity={0.7} />)}
      {points.flatMap(({ value, bySeed }) => bySeed.map((one) => one.value !== null && <circle key={`${value} ${one.seed}`} cx={across(value)} cy={y(one.value)} r={1.7} fill={colour} fillOpacity={0.55} />))}
      <path d={`M${points.map((one) => place(one.value, one.mean)).join('L')}`} fill="none" stroke={colour} strokeWidth={lifted ? 3 : 2} strokeDasharray={dash} />
      {points.map((one) => (
        <g key={one.value}>
          <title>{`${ARM_STYLE[arm].label} at ${settingText(one.value)}: ${plusMinus(one, 3)} over ${one.seeds} seed${one.seeds === 1 ? '' : 's'}`}</title>
          <Marker shape={marker} x={across(one.value)} y={y(one.mean)} r={4.2} fill={colour} />
        </g>
      ))}
    </g>
  );
}

/** Names at the end of the lines, kept from overlapping. */
function Ends({ arms, points, y, lifted, at, top, bottom }: { arms: readonly Arm[]; points: ReadonlyMap<Arm, CurvePoint[]>; y: Scale; lifted: Arm | null; at: number; top: number; bottom: number }) {
  const ended = arms.flatMap((arm) => {
    const last = points.get(arm)!.at(-1);
    return last ? [{ arm, mean: last.mean, y: Math.min(bottom, Math.max(top, y(last.mean))) }] : [];
  });
  const places = dodge(ended.map((one) => one.y), 15, top, bottom + 6);
  return (
    <g>
      {ended.map(({ arm, mean, y: from }, i) => (
        <g key={arm} opacity={lifted === null || lifted === arm ? 1 : 0.3}>
          <path d={`M${at - 6},${from.toFixed(1)}L${at + 8},${places[i]!.toFixed(1)}`} stroke={ARM_STYLE[arm].colour} fill="none" />
          <text x={at + 12} y={places[i]!} dy="0.33em" fontSize={TYPE.tick} fill={INK.text} style={{ fontVariantNumeric: 'tabular-nums' }}>{`${fixed(mean, 3)}  ${ARM_STYLE[arm].label}`}</text>
        </g>
      ))}
    </g>
  );
}
