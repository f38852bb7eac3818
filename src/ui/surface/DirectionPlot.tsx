/** What a step costs: rise of train and test NLL against its norm, along the learned covariance's top directions and along random ones. */
import { useElementSize } from '@mantine/hooks';
import { memo, useMemo } from 'react';
import type { DirectionTest } from '../../experiment/result.ts';
import { directionReading } from '../../experiment/sentences.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { Figure } from '../charts/Figure.tsx';
import { fixed } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import { CurvePlot, type Ink, InkKey, type PlotCurve } from './CurvePlot.tsx';
import { directionCsv, riseDomain } from './directions.ts';
import styles from './evidence.module.css';

const HEIGHT = 300;
const TOP = 12;
type Kind = DirectionTest['kinds'][number]['kind'];
type Loss = 'train' | 'test';

export const DirectionPlot = memo(function DirectionPlot({ test }: { test: DirectionTest }) {
  const { ref, width } = useElementSize();
  const curves = useMemo(() => test.kinds.flatMap((kind) => (['train', 'test'] as const).map((loss) => plotted(kind, loss))), [test]);
  const domain = useMemo(() => riseDomain(test), [test]);
  const x = useMemo(() => [0, ...test.radii], [test]);
  const counts = test.kinds.map(({ kind, directions }) => `${directions} ${kind === 'covariance' ? 'learned' : 'random'}`).join(', ');
  return (
    <Figure title="What a step costs, by direction" name="directions" csv={() => directionCsv(test)}>
      <div className={styles.legend}>
        {curves.map(({ key, label, ink }) => <span key={key}><InkKey ink={ink} /><span data-caption>{label}</span></span>)}
      </div>
      <div ref={ref} style={{ height: HEIGHT }}>
        {width > 0 && (
          <CurvePlot
            x={x} curves={curves} domain={domain} width={width} height={HEIGHT} top={TOP} label="Rise of the NLL against the norm of the step"
            xTitle={width < 460 ? 'Norm of the step (parameter units)' : `Norm of the step from ${test.from} (parameter units)`} yTitle="Rise of the NLL (nats)" place={(at) => `norm ${fixed(at, 2)} parameter units`}
          />
        )}
      </div>
      <p className={styles.reading} data-caption>{directionReading(test)}</p>
      <p className={styles.caption} data-caption>Mean over seeds of both signs; bands: 95% t intervals over directions ({counts}). The comparison is paired by seed.{domain.clipped ? ' Some bands reach beyond the picture.' : ''}</p>
    </Figure>
  );
});

/** Learned: the low-rank prior's colour; random: ink. Train dashed, test solid, as on the cuts. */
function inkOf(kind: Kind, loss: Loss): Ink {
  const colour = kind === 'covariance' ? ARM_STYLE['low-rank'].colour : INK.text;
  return { colour, dash: loss === 'train' ? '5 3' : '', weight: loss === 'train' ? 1.7 : 2.2, marker: kind === 'covariance' ? 'circle' : 'square' };
}

function plotted(one: DirectionTest['kinds'][number], loss: Loss): PlotCurve {
  const name = one.kind === 'covariance' ? 'learned directions' : 'random directions';
  return {
    key: `${one.kind} ${loss}`, label: `${name}, ${loss}`, ink: inkOf(one.kind, loss),
    y: [0, ...one[loss].map((at) => at.mean)], band: [[0, 0], ...one[loss].map((at) => at.ci95)],
  };
}
