/** Accuracy, entropy of the mean and agreement of the draws against λ, a curve a prior. */
import { SegmentedControl } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { memo, useMemo, useState } from 'react';
import type { Belief } from '../../experiment/beliefs/beliefs-result.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { Figure } from '../charts/Figure.tsx';
import { settingText } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import { CurvePlot, InkKey, type PlotCurve } from '../surface/CurvePlot.tsx';
import evidence from '../surface/evidence.module.css';
import { beliefCsv } from './BeliefTable.tsx';
import styles from './beliefs.module.css';

const HEIGHT = 240;
const SHOWN = {
  accuracy: { label: 'Accuracy', title: 'Named rightly (%)' },
  entropy: { label: 'Entropy', title: 'Entropy of the mean (% of log C)' },
  agreement: { label: 'Agreement', title: 'Pairs that agree (%)' },
} as const;
type Quantity = keyof typeof SHOWN;
const QUANTITIES = Object.keys(SHOWN) as Quantity[];

export const BeliefCurves = memo(function BeliefCurves({ beliefs, scale }: { beliefs: readonly Belief[] | null; scale: number }) {
  const { ref, width } = useElementSize();
  const [quantity, setQuantity] = useState<Quantity>('entropy');
  const x = useMemo(() => [...new Set((beliefs ?? []).map((one) => one.scale))], [beliefs]);
  const curves = useMemo(() => curvesOf(beliefs ?? [], quantity), [beliefs, quantity]);
  return (
    <Figure
      title="What the priors believe, by λ" name="beliefs-ladder" csv={() => beliefCsv(beliefs ?? [])}
      controls={<SegmentedControl size="xs" aria-label="Shown against λ" value={quantity} data={QUANTITIES.map((value) => ({ value, label: SHOWN[value].label }))} onChange={(value) => setQuantity(QUANTITIES.find((one) => one === value) ?? quantity)} />}
    >
      <div className={evidence.legend}>{curves.map(({ key, label, ink }) => <span key={key}><InkKey ink={ink} /><span data-caption>{label}</span></span>)}</div>
      <div ref={ref} style={{ height: HEIGHT }}>
        {width > 0 && x.length > 1
          ? (
            <CurvePlot
              x={x} curves={curves} domain={{ low: 0, high: 100, clipped: false }} width={width} height={HEIGHT} top={10} logX label={SHOWN[quantity].title}
              xTitle="Scale λ" yTitle={SHOWN[quantity].title} place={(at) => `λ = ${settingText(at)}`}
              marks={(across, up) => (scale >= x[0]! && scale <= x.at(-1)! ? <line x1={across(scale)} x2={across(scale)} y1={up(100)} y2={up(0)} stroke={INK.muted} strokeDasharray="2 3" /> : null)}
            />
          )
          : <p className={styles.placeholder} style={{ height: HEIGHT }}>The priors are asked at every λ next.</p>}
      </div>
    </Figure>
  );
});

function curvesOf(beliefs: readonly Belief[], quantity: Quantity): PlotCurve[] {
  return [...new Set(beliefs.map((one) => one.family))].map((family): PlotCurve => {
    const own = beliefs.filter((one) => one.family === family);
    const { label, colour, dash, marker } = ARM_STYLE[family];
    return {
      key: family, label, ink: { colour, dash, weight: family === 'low-rank' ? 2.4 : 1.8, marker }, y: own.map((one) => 100 * one[quantity].mean),
      band: family === 'low-rank' ? own.map(({ [quantity]: { ci95 } }) => ci95 && [Math.max(0, 100 * ci95[0]), Math.min(100, 100 * ci95[1])]) : null,
    };
  });
}
