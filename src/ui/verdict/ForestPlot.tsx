/** The picture that answers the question: the paired difference in test NLL of every arm to L2-SP (or plain), with its 95% interval. */
import { SegmentedControl } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useState } from 'react';
import type { Comparison } from '../../experiment/result.ts';
import type { Arm } from '../../prior/prior.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { Figure } from '../charts/Figure.tsx';
import { fixed, halfWidth, signedFixed, tickText } from '../charts/format.ts';
import { INK, TYPE } from '../charts/ink.ts';
import { Marker } from '../charts/marks.tsx';
import { PlotFrame } from '../charts/PlotFrame.tsx';
import { linearScale, niceTicks, type Scale } from '../charts/scale.ts';
import { type ForestDomain, forestDomain, whisker } from './forest.ts';
import { verdictCsv, type VerdictRow } from './rows.ts';
import { verdictInk } from './words.tsx';

const ROW = 26;
const TOP = 28;
const BOTTOM = 40;

type Rival = 'l2-sp' | 'none';

export function ForestPlot({ rows, seeds }: { rows: readonly VerdictRow[]; seeds: number }) {
  const present = (['l2-sp', 'none'] as const).filter((rival) => rows.some(({ arm }) => arm === rival));
  const [wanted, setWanted] = useState<Rival>('l2-sp');
  const { ref, width } = useElementSize();
  const rival = present.includes(wanted) ? wanted : present[0];
  if (!rival) return null;
  const shown = rows.filter(({ arm }) => arm !== rival).flatMap((row) => (rival === 'l2-sp' ? row.toL2sp : row.toPlain) ?? []);
  const height = TOP + shown.length * ROW + BOTTOM;
  const switcher = present.length < 2 ? null : (
    <SegmentedControl size="xs" value={rival} onChange={(value) => setWanted(value === 'none' ? 'none' : 'l2-sp')} aria-label="Compared with" data={[{ value: 'l2-sp', label: 'to L2-SP' }, { value: 'none', label: 'to plain' }]} />
  );
  return (
    <Figure title={`Difference in test NLL to ${rival === 'l2-sp' ? 'L2-SP' : 'plain fine-tuning'}, paired over ${seeds} seed${seeds === 1 ? '' : 's'}`} name={`verdict-${rival}`} csv={() => verdictCsv(rows)} controls={switcher}>
      <div ref={ref} style={{ height }}>
        {width > 0 && <Forest shown={shown} rival={rival} width={width} height={height} domain={forestDomain(shown)} />}
      </div>
    </Figure>
  );
}

function Forest({ shown, rival, width, height, domain }: { shown: readonly Comparison[]; rival: Arm; width: number; height: number; domain: ForestDomain }) {
  const wide = width >= 640;
  const margin = { top: TOP, right: wide ? 300 : 12, bottom: BOTTOM, left: wide ? 140 : 112 };
  const x = linearScale([domain.low, domain.high], [margin.left, width - margin.right]);
  const right = width - margin.right;
  return (
    <PlotFrame
      width={width} height={height} margin={margin} label={`Paired differences in test NLL to ${ARM_STYLE[rival].label}`}
      x={{ scale: x, ticks: niceTicks(domain.low, domain.high, wide ? 8 : 4), title: 'ΔNLL (nats per example), 95% interval', text: (tick) => (tick > 0 ? `+${tickText(tick)}` : tickText(tick)), grid: true }}
    >
      <Sides x={x} rival={rival} />
      <line x1={x(0)} x2={x(0)} y1={margin.top - 6} y2={height - BOTTOM} stroke={INK.text} strokeWidth={1.2} />
      {shown.map((one, i) => {
        const y = TOP + (i + 0.5) * ROW;
        return (
          <g key={one.arm}>
            <text x={margin.left - 12} y={y} dy="0.33em" textAnchor="end" fontSize={TYPE.label} fill={INK.text}>{ARM_STYLE[one.arm].label}</text>
            <Whiskers one={one} x={x} y={y} domain={domain} />
            {wide && <Told one={one} x={right + 14} y={y} />}
          </g>
        );
      })}
    </PlotFrame>
  );
}

function Sides({ x, rival }: { x: Scale; rival: Arm }) {
  const name = rival === 'none' ? 'plain' : ARM_STYLE[rival].label;
  const [left, right] = x.range;
  return (
    <g fontSize={TYPE.tick} fill={INK.muted}>
      {x(0) - left > 60 && <text x={x(0) - 8} y={14} textAnchor="end">{x(0) - left > 120 ? `← better than ${name}` : '← better'}</text>}
      {right - x(0) > 60 && <text x={x(0) + 8} y={14}>{right - x(0) > 120 ? `worse than ${name} →` : 'worse →'}</text>}
    </g>
  );
}

function Whiskers({ one, x, y, domain }: { one: Comparison; x: Scale; y: number; domain: ForestDomain }) {
  const drawn = whisker(one, domain);
  const { colour, marker } = ARM_STYLE[one.arm];
  if (!drawn) return <text x={x(0) + 8} y={y} dy="0.33em" fontSize={TYPE.tick} fill={INK.muted}>no seed survived</text>;
  const [from, to] = [x(drawn.from), x(drawn.to)];
  return (
    <g>
      <title>{`${ARM_STYLE[one.arm].label}: ${signedFixed(one.mean, 3)} ± ${fixed(halfWidth(one) ?? NaN, 3)}, ${one.verdict}`}</title>
      <line x1={from} x2={to} y1={y} y2={y} stroke={colour} strokeWidth={2} />
      {drawn.cut.low ? <path d={`M${from + 7},${y - 4.5}L${from},${y}L${from + 7},${y + 4.5}`} fill="none" stroke={colour} strokeWidth={2} /> : <line x1={from} x2={from} y1={y - 5} y2={y + 5} stroke={colour} strokeWidth={2} />}
      {drawn.cut.high ? <path d={`M${to - 7},${y - 4.5}L${to},${y}L${to - 7},${y + 4.5}`} fill="none" stroke={colour} strokeWidth={2} /> : <line x1={to} x2={to} y1={y - 5} y2={y + 5} stroke={colour} strokeWidth={2} />}
      {drawn.mean !== null
        ? <Marker shape={marker} x={x(drawn.mean)} y={y} r={5.5} fill={colour} />
        : <text x={one.mean > 0 ? to - 12 : from + 12} y={to - from < 12 ? y : y - 8} dy="0.33em" textAnchor={one.mean > 0 ? 'end' : 'start'} fontSize={TYPE.tick} fill={INK.text}>{signedFixed(one.mean, 2)}</text>}
    </g>
  );
}

/** The difference and its verdict in words, where there is room beside the plot. */
function Told({ one, x, y }: { one: Comparison; x: number; y: number }) {
  const half = halfWidth(one);
  return (
    <g fontSize={TYPE.label}>
      <text x={x + 46} y={y} dy="0.33em" textAnchor="end" fill={INK.text}>{signedFixed(one.mean, 3)}</text>
      <text x={x + 51} y={y} dy="0.33em" fill={INK.muted}>{half === null ? '' : `± ${fixed(half, 3)}`}</text>
      <text x={x + 112} y={y} dy="0.33em" fill={verdictInk(one.verdict)} fontWeight={one.verdict === 'better' || one.verdict === 'worse' ? 600 : 400}>
        {one.verdict === 'better' ? '✓ ' : one.verdict === 'worse' ? '✕ ' : one.verdict === 'too few seeds' ? '? ' : '= '}{one.verdict}
      </text>
    </g>
  );
}
