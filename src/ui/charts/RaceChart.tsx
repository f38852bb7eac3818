/** The race: NLL of every arm's best run so far against steps, mean over seeds with its 95% t band. */
import { SegmentedControl, Text } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { Area, CartesianGrid, ComposedChart, Line, Tooltip, usePlotArea, useXAxisScale, useYAxisScale, XAxis, YAxis } from 'recharts';
import type { RacePoint } from '../../experiment/result.ts';
import type { Arm } from '../../prior/prior.ts';
import { ARM_STYLE } from './arms.ts';
import { Figure } from './Figure.tsx';
import { fixed, plusMinus, tickText } from './format.ts';
import { INK, TYPE } from './ink.ts';
import { ArmKey, Marker } from './marks.tsx';
import { axisRoom } from './PlotFrame.tsx';
import { raceCsv, raceDomain, type RaceQuantity, type RaceRow, raceRows } from './race.ts';
import { RaceLegend } from './RaceLegend.tsx';
import { TICK, TooltipCard, xTitle, yTitle } from './recharts.tsx';
import { dodge, niceTicks } from './scale.ts';

interface RaceChartProps {
  race: RacePoint[];
  steps: number;
  arms: Arm[];
  seeds: number;
}

const HEIGHT = 320;

export function RaceChart({ race, steps, arms, seeds }: RaceChartProps) {
  const [quantity, setQuantity] = useState<RaceQuantity>('validationNll');
  const [hidden, setHidden] = useState<ReadonlySet<Arm>>(new Set());
  const [lifted, setLifted] = useState<Arm | null>(null);
  const { ref, width } = useElementSize();
  const rows = useMemo(() => raceRows(race, quantity), [race, quantity]);
  const shown = useMemo(() => arms.filter((arm) => !hidden.has(arm)), [arms, hidden]);
  const domain = useMemo(() => raceDomain(rows, shown), [rows, shown]);
  const toggle = (arm: Arm) => setHidden((before) => {
    const after = new Set(before);
    if (!after.delete(arm)) after.add(arm);
    return after;
  });
  const switcher = (
    <SegmentedControl
      size="xs" value={quantity} aria-label="Quantity" onChange={(value) => setQuantity(value === 'trainNll' ? 'trainNll' : 'validationNll')}
      data={[{ value: 'validationNll', label: 'Validation NLL' }, { value: 'trainNll', label: 'Train NLL' }]}
    />
  );
  const band = seeds > 1 ? `Mean over ${seeds} seeds with 95% t intervals.` : 'One seed: no intervals.';
  const clipped = domain.clipped.length === 0 ? '' : ` Clipped at ${fixed(domain.high, 1)}: ${domain.clipped.map((arm) => ARM_STYLE[arm].label).join(', ')} goes beyond.`;
  return (
    <Figure title="Race" name="race" csv={() => raceCsv(race)} controls={switcher}>
      <RaceLegend arms={arms} hidden={hidden} onToggle={toggle} onLift={setLifted} />
      <div ref={ref} style={{ height: HEIGHT }}>
        {width > 0 && <Race {...{ rows, steps, width, quantity, domain }} arms={shown} lifted={lifted !== null && !hidden.has(lifted) ? lifted : null} />}
      </div>
      <Text size="xs" c={INK.muted} mih={20} data-caption>{band}{clipped}{domain.bandsClipped ? ' Some bands reach beyond the picture.' : ''}</Text>
    </Figure>
  );
}

interface RaceProps {
  rows: RaceRow[];
  steps: number;
  width: number;
  quantity: RaceQuantity;
  domain: { low: number; high: number };
  arms: readonly Arm[];
  lifted: Arm | null;
}

function Race({ rows, steps, width, quantity, domain, arms, lifted }: RaceProps) {
  const wide = width >= 480;
  const title = quantity === 'validationNll' ? 'Validation NLL (nats)' : 'Train NLL (nats)';
  const ticks = niceTicks(domain.low, domain.high, 6);
  const strength = (arm: Arm) => (lifted === null || lifted === arm ? 1 : 0.18);
  // The lifted arm is drawn last, above the others.
  const order = [...arms].sort((a, b) => Number(a === lifted) - Number(b === lifted));
  return (
    <ComposedChart width={width} height={HEIGHT} data={rows} margin={{ top: 10, right: wide ? 142 : 60, bottom: 18, left: 0 }} accessibilityLayer title={`${title} against steps`}>
      <CartesianGrid stroke={INK.grid} vertical={false} />
      <XAxis dataKey="step" type="number" domain={[0, steps]} ticks={niceTicks(0, steps, wide ? 6 : 4)} tick={TICK} tickFormatter={tickText} height={24} stroke={INK.axis} label={xTitle('SGD step')} />
      <YAxis
        type="number" domain={[domain.low, domain.high]} ticks={ticks} tick={TICK} tickFormatter={tickText} width={axisRoom(ticks, tickText)}
        stroke={INK.axis} label={yTitle(title)} allowDataOverflow
      />
      {order.map((arm) => (
        <Area
          key={`${arm} band`} dataKey={(row: RaceRow) => row.arms[arm]?.ci95 ?? undefined} stroke="none" fill={ARM_STYLE[arm].colour}
          fillOpacity={lifted === arm ? 0.25 : 0.07 * strength(arm)} isAnimationActive={false} activeDot={false}
        />
      ))}
      {order.map((arm) => (
        <Line
          key={arm} dataKey={(row: RaceRow) => row.arms[arm]?.mean} stroke={ARM_STYLE[arm].colour} strokeWidth={lifted === arm ? 3 : 2}
          strokeDasharray={ARM_STYLE[arm].dash || undefined} strokeOpacity={strength(arm)} dot={false} activeDot={false} isAnimationActive={false}
        />
      ))}
      <Ends {...{ rows, arms, lifted, wide, domain }} last={steps} />
      <Tooltip isAnimationActive={false} cursor={{ stroke: INK.axis }} content={({ active, label }) => {
        const row = rows.find(({ step }) => step === label);
        return active && row ? <Standings row={row} arms={arms} /> : null;
      }}
      />
    </ComposedChart>
  );
}

/** Markers along the lines, and at the end of the race the final value of each arm, kept from overlapping. */
function Ends({ rows, arms, lifted, wide, last, domain }: { rows: RaceRow[]; arms: readonly Arm[]; lifted: Arm | null; wide: boolean; last: number; domain: { low: number; high: number } }) {
  const x = useXAxisScale();
  const y = useYAxisScale();
  const area = usePlotArea();
  if (!x || !y || !area) return null;
  const at = (value: number) => y(Math.min(domain.high, Math.max(domain.low, value))) ?? 0;
  const final = rows.at(-1);
  const ended = final && final.step >= last ? arms.flatMap((arm) => {
    const value = final.arms[arm];
    return value ? [{ arm, value: value.mean, y: at(value.mean) }] : [];
  }) : [];
  const places = dodge(ended.map((one) => one.y), 15, area.y + 2, area.y + area.height + 6);
  const right = area.x + area.width;
  return (
    <g pointerEvents="none">
      {rows.flatMap((row) => arms.map((arm) => {
        const value = row.arms[arm]?.mean;
        if (value === undefined || value > domain.high) return null;
        const { marker, colour } = ARM_STYLE[arm];
        return <g key={`${arm} ${row.step}`} opacity={lifted === null || lifted === arm ? 1 : 0.18}><Marker shape={marker} x={x(row.step) ?? 0} y={at(value)} r={3.4} fill={colour} /></g>;
      }))}
      {ended.map(({ arm, value, y: from }, i) => (
        <g key={arm} opacity={lifted === null || lifted === arm ? 1 : 0.3}>
          <path d={`M${right + 5},${from}L${right + 13},${places[i]!}`} stroke={ARM_STYLE[arm].colour} fill="none" />
          {!wide && <Marker shape={ARM_STYLE[arm].marker} x={right + 18} y={places[i]!} r={3.4} fill={ARM_STYLE[arm].colour} />}
          <text x={right + (wide ? 16 : 25)} y={places[i]!} dy="0.33em" fontSize={TYPE.tick} fill={INK.text} style={{ fontVariantNumeric: 'tabular-nums' }}>
            {fixed(value, value < 10 ? 3 : 1)}{value > domain.high ? ' ↑' : ''}{wide ? `  ${ARM_STYLE[arm].label}` : ''}
          </text>
        </g>
      ))}
    </g>
  );
}

function Standings({ row, arms }: { row: RaceRow; arms: readonly Arm[] }) {
  const sorted = arms.filter((arm) => row.arms[arm]).sort((a, b) => row.arms[a]!.mean - row.arms[b]!.mean);
  return (
    <TooltipCard title={`Step ${row.step}`}>
      {sorted.map((arm) => (
        <div key={arm} style={{ display: 'flex', gap: 8, alignItems: 'center' }}>
          <ArmKey arm={arm} line={false} />
          <span style={{ flex: 1 }}>{ARM_STYLE[arm].label}</span>
          <span>{plusMinus(row.arms[arm]!, 3)}{row.arms[arm]!.dropped > 0 ? ` (${row.arms[arm]!.dropped} lost)` : ''}</span>
        </div>
      ))}
    </TooltipCard>
  );
}
