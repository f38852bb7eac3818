/** Risk against coverage of one arm: the error rate among the images a predictor is surest of. */
import { useElementSize } from '@mantine/hooks';
import { memo, useMemo } from 'react';
import { type Prediction, predictorName } from '../../experiment/inference/inference-result.ts';
import type { Family } from '../../prior/prior.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { Figure } from '../charts/Figure.tsx';
import { fixed } from '../charts/format.ts';
import { CurvePlot, type PlotCurve } from '../surface/CurvePlot.tsx';
import { coverages, riskCsv, riskCurves, riskDomain } from './confidence.ts';
import styles from './inference.module.css';
import { Legend, type Shown } from './Legend.tsx';
import { predictorLabel } from './predictors.ts';

const HEIGHT = 392;

/** `predictions`: of the arm. */
export const RiskFigure = memo(function RiskFigure({ arm, predictions, shown }: { arm: Family; predictions: readonly Prediction[]; shown: Shown }) {
  const { ref, width } = useElementSize();
  const all = useMemo(() => riskCurves(predictions), [predictions]);
  const x = useMemo(() => coverages(predictions).map((share) => 100 * share), [predictions]);
  const drawn = useMemo(() => all.filter(({ predictor }) => !shown.hidden.has(predictorName(predictor))), [all, shown.hidden]);
  const curves = useMemo(() => drawn.flatMap(({ predictor, mean, band }): PlotCurve[] => {
    const found = shown.inks.get(predictorName(predictor));
    if (!found) return [];
    const { marker: _, ...ink } = found;
    return [{ key: predictorName(predictor), label: predictorLabel(predictor), ink, y: mean.map((value) => 100 * value), band: band.map((one) => one && [100 * one[0], 100 * one[1]]) }];
  }), [drawn, shown.inks]);
  const { high } = riskDomain(drawn);
  return (
    <Figure title={`Risk against coverage, ${ARM_STYLE[arm].label}`} name={`risk-coverage-${arm}`} csv={() => riskCsv(predictions)}>
      <Legend predictors={all.map(({ predictor }) => predictor)} shown={shown} />
      <div ref={ref} style={{ height: HEIGHT }}>
        {width > 0 && x.length > 1 && (
          <CurvePlot
            x={x} curves={curves} domain={{ low: 0, high: 100 * high, clipped: false }} width={width} height={HEIGHT} top={8} label={`Error rate against coverage, ${ARM_STYLE[arm].label}`}
            xTitle="Coverage: share of the examples answered (%)" yTitle="Errors among them (%)" place={(at) => `the surest ${fixed(at, 0)}%`}
          />
        )}
      </div>
      <p className={styles.note} data-caption>Examples are answered from the surest on; lower is better at every coverage. Mean over seeds, bands: 95% t intervals.</p>
    </Figure>
  );
});
