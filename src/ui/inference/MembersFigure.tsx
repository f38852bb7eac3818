/** The chosen metric against the number of networks that are averaged: a line a predictor, the single solution level across. */
import { useElementSize } from '@mantine/hooks';
import { memo, useMemo, useState } from 'react';
import { type Inference, predictorName } from '../../experiment/inference/inference-result.ts';
import type { Family } from '../../prior/prior.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { Figure } from '../charts/Figure.tsx';
import { ArmKey } from '../charts/marks.tsx';
import { CurvePlot, type PlotCurve } from '../surface/CurvePlot.tsx';
import { armText, Pick } from './choosers.tsx';
import styles from './inference.module.css';
import { Legend, type Shown } from './Legend.tsx';
import { type CurveDomain, curveDomain, memberCsv, type MemberCurves, memberCurves, sharedDomain } from './members.ts';
import { armsOf, openingArm, predictorLabel, predictorsOf } from './predictors.ts';
import { curveMetric, inTitle, QUANTITIES, type Quantity } from './quantities.ts';

/** More points than this and markers would hide the line. */
const MARKED = 12;

export const MembersFigure = memo(function MembersFigure({ inference, quantity, shown }: { inference: Inference; quantity: Quantity; shown: Shown }) {
  const arms = useMemo(() => armsOf(inference.predictions), [inference]);
  const [wanted, setWanted] = useState<Family | 'all' | null>(null);
  const arm = wanted !== null && (wanted === 'all' || arms.includes(wanted)) ? wanted : openingArm(arms);
  const metric = curveMetric(quantity);
  const all = useMemo(() => (arm === 'all' ? arms : arm === null ? [] : [arm]).map((one) => hidden(memberCurves(inference.predictions, one, metric), shown.hidden)), [inference, arms, arm, metric, shown.hidden]);
  const { domain, apart } = useMemo(() => sharedDomain(all), [all]);
  const predictors = useMemo(() => predictorsOf(inference.predictions), [inference]);
  if (arm === null) return null;
  const clipped = (one: MemberCurves) => (apart.includes(one.arm) ? curveDomain([one]) : domain)?.clipped === true;
  return (
    <Figure
      title={`Test ${inTitle(metric)} against the number of networks, ${arm === 'all' ? 'every arm' : ARM_STYLE[arm].label}`} name="networks" csv={() => memberCsv(inference.predictions)}
      controls={<Pick quiet label="Arm" value={arm} options={['all' as const, ...arms]} text={armText} onPick={setWanted} />}
    >
      <Legend predictors={predictors} shown={shown} />
      <div className={arm === 'all' ? styles.multiples : ''}>
        {all.map((one) => (
          <div key={one.arm} className={styles.multiple}>
            {arm === 'all' && <p><ArmKey arm={one.arm} line={false} /><span data-caption>{ARM_STYLE[one.arm].label}{apart.includes(one.arm) ? ', on a scale of its own' : ''}</span></p>}
            <Plot one={one} domain={apart.includes(one.arm) ? curveDomain([one]) : domain} metric={metric} shown={shown} height={arm === 'all' ? 210 : 300} />
          </div>
        ))}
      </div>
      <p className={styles.note} data-caption>
        Mean over seeds of the average of the first m networks; bands: 95% t intervals over seeds.{all.some(clipped) ? ' Some bands reach beyond the picture.' : ''}
        {quantity === 'scaledNll' && ' A temperature is fitted to the whole average only, so this is the NLL before scaling.'} Whether an average differs from the single solution is told by the paired differences in the table; a predictor hidden in the legend gives the others more room.
      </p>
    </Figure>
  );
});

function hidden(curves: MemberCurves, names: ReadonlySet<string>): MemberCurves {
  return { ...curves, curves: curves.curves.filter(({ predictor }) => !names.has(predictorName(predictor))), single: names.has('single') ? NaN : curves.single };
}

interface PlotProps {
  one: MemberCurves;
  domain: CurveDomain | null;
  metric: ReturnType<typeof curveMetric>;
  shown: Shown;
  height: number;
}

function Plot({ one, domain, metric, shown: { inks }, height }: PlotProps) {
  const { ref, width } = useElementSize();
  const { label, unit, factor } = QUANTITIES[metric];
  const most = Math.max(0, ...one.curves.map(({ mean }) => mean.length));
  const x = useMemo(() => Array.from({ length: Math.max(2, most) }, (_, m) => m + 1), [most]);
  const curves = useMemo(() => plotted(one, x, inks, factor), [one, x, inks, factor]);
  if (!domain || most === 0) return <div className={styles.absent} style={{ height }}>No predictor that averages networks is shown here.</div>;
  return (
    <div ref={ref} style={{ height }}>
      {width > 0 && (
        <CurvePlot
          x={x} curves={curves} domain={{ low: factor * domain.low, high: factor * domain.high, clipped: domain.clipped }} width={width} height={height} top={10} logX
          label={`Test ${inTitle(metric)} against the number of networks, ${ARM_STYLE[one.arm].label}`} xTitle="Networks averaged" yTitle={unit === '%' || unit === 'nats' ? `${label} (${unit})` : label}
          place={(m) => `${m} network${m === 1 ? '' : 's'}`}
        />
      )}
    </div>
  );
}

function plotted({ curves, single }: MemberCurves, x: readonly number[], inks: Shown['inks'], factor: number): PlotCurve[] {
  const lines = curves.flatMap(({ predictor, mean, band }): PlotCurve[] => {
    const name = predictorName(predictor);
    const ink = inks.get(name);
    if (!ink) return [];
    const { marker, ...bare } = ink;
    const y = x.map((_, i) => factor * (mean[i] ?? NaN));
    const bounds = x.map((_, i): [number, number] | null => {
      const one = band[i];
      return one ? [factor * one[0], factor * one[1]] : null;
    });
    return [{ key: name, label: predictorLabel(predictor), ink: mean.length <= MARKED && marker ? ink : bare, y, band: bounds }];
  });
  const level = inks.get('single');
  if (!level || !Number.isFinite(single)) return lines;
  const { marker: _, ...line } = level;
  return [{ key: 'single', label: 'Single MAP', ink: line, y: x.map(() => factor * single), band: null }, ...lines];
}
