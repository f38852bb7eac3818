/** Reliability of one arm: accuracy against confidence with Wilson intervals, and below it how many images each bin holds. */
import { useElementSize } from '@mantine/hooks';
import { memo, useMemo } from 'react';
import { type Prediction, predictorName, type ReliabilityBin } from '../../experiment/inference/inference-result.ts';
import type { Family } from '../../prior/prior.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { Figure } from '../charts/Figure.tsx';
import { fixed } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import { Marker } from '../charts/marks.tsx';
import { PlotFrame } from '../charts/PlotFrame.tsx';
import { linearScale, niceTicks, type Scale } from '../charts/scale.ts';
import type { Ink } from '../surface/CurvePlot.tsx';
import { type PooledReliability, pooledReliability, reliabilityCsv } from './confidence.ts';
import styles from './inference.module.css';
import { Legend, type Shown } from './Legend.tsx';
import { predictorLabel } from './predictors.ts';

const HEIGHT = 280;
const BARS = 112;
const LEFT = 54;
const RIGHT = 14;

type Inked = PooledReliability & { ink: Ink };

/** `predictions`: of the arm. */
export const ReliabilityFigure = memo(function ReliabilityFigure({ arm, predictions, shown }: { arm: Family; predictions: readonly Prediction[]; shown: Shown }) {
  const { ref, width } = useElementSize();
  const pooled = useMemo(() => pooledReliability(predictions), [predictions]);
  const drawn = pooled.flatMap((one): Inked[] => {
    const ink = shown.inks.get(predictorName(one.predictor));
    return ink && !shown.hidden.has(predictorName(one.predictor)) ? [{ ...one, ink }] : [];
  });
  const eceOf = (name: string) => fixed(pooled.find((one) => predictorName(one.predictor) === name)?.ece ?? NaN, 3);
  return (
    <Figure title={`Reliability, ${ARM_STYLE[arm].label}`} name={`reliability-${arm}`} csv={() => reliabilityCsv(arm, pooled)}>
      <Legend predictors={pooled.map(({ predictor }) => predictor)} shown={shown} told={(predictor) => `ECE ${eceOf(predictorName(predictor))}`} />
      <div ref={ref} style={{ height: HEIGHT + BARS }}>
        {width > 0 && <><Accuracy drawn={drawn} width={width} /><Counts drawn={drawn} width={width} /></>}
      </div>
      <p className={styles.note} data-caption>Below the diagonal a predictor is too sure. Bins pooled over seeds, with Wilson’s 95% intervals, which take the seeds’ examples as independent; ECE is the mean over seeds.</p>
    </Figure>
  );
});

function Accuracy({ drawn, width }: { drawn: readonly Inked[]; width: number }) {
  const margin = { top: 8, right: RIGHT, bottom: 8, left: LEFT };
  const x = linearScale([0, 1], [LEFT, width - RIGHT]);
  const y = linearScale([0, 1], [HEIGHT - margin.bottom, margin.top]);
  const told = drawn.map(({ predictor, ece }) => `${predictorLabel(predictor)} ECE ${fixed(ece, 3)}`).join('; ');
  return (
    <PlotFrame width={width} height={HEIGHT} margin={margin} label={`Accuracy against confidence. ${told}`} y={{ scale: y, ticks: TICKS, title: 'Accuracy', grid: true }}>
      {TICKS.map((tick) => <line key={tick} x1={x(tick)} x2={x(tick)} y1={margin.top} y2={HEIGHT - margin.bottom} stroke={INK.grid} />)}
      <line x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} stroke={INK.axis} strokeDasharray="5 4" />
      {drawn.map(({ predictor, bins, ink }) => <Bins key={predictorName(predictor)} name={predictorLabel(predictor)} bins={bins} ink={ink} x={x} y={y} />)}
    </PlotFrame>
  );
}

const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

function Bins({ name, bins, ink, x, y }: { name: string; bins: readonly ReliabilityBin[]; ink: Ink; x: Scale; y: Scale }) {
  const points = bins.flatMap(({ count, confidence, accuracy, ci95 }) => (confidence === null || accuracy === null ? [] : [{ count, confidence, accuracy, ci95 }]));
  return (
    <g>
      {points.map(({ confidence, ci95 }) => ci95 && <line key={confidence} x1={x(confidence)} x2={x(confidence)} y1={y(ci95[0])} y2={y(ci95[1])} stroke={ink.colour} strokeWidth={1.2} strokeOpacity={0.55} />)}
      <path d={points.map(({ confidence, accuracy }, i) => `${i === 0 ? 'M' : 'L'}${x(confidence).toFixed(1)},${y(accuracy).toFixed(1)}`).join('')} fill="none" stroke={ink.colour} strokeWidth={ink.weight} strokeDasharray={ink.dash} strokeLinejoin="round" />
      {points.map(({ count, confidence, accuracy }) => (
        <g key={confidence}>
          <title>{`${name}: confidence ${fixed(confidence, 3)}, accuracy ${fixed(accuracy, 3)}, ${count} example${count === 1 ? '' : 's'}`}</title>
          <Marker shape={ink.marker ?? 'circle'} x={x(confidence)} y={y(accuracy)} r={3.8} fill={ink.colour} />
        </g>
      ))}
    </g>
  );
}

/** Bars of a bin stand side by side, a predictor each. */
function Counts({ drawn, width }: { drawn: readonly Inked[]; width: number }) {
  const margin = { top: 8, right: RIGHT, bottom: 38, left: LEFT };
  const x = linearScale([0, 1], [LEFT, width - RIGHT]);
  const share = (one: Inked, count: number) => (one.count > 0 ? (100 * count) / one.count : 0);
  const top = Math.max(1, ...drawn.flatMap((one) => one.bins.map(({ count }) => share(one, count))));
  const y = linearScale([0, top], [BARS - margin.bottom, margin.top]);
  return (
    <PlotFrame
      width={width} height={BARS} margin={margin} label="Share of the examples by confidence" x={{ scale: x, ticks: TICKS, title: 'Confidence' }}
      y={{ scale: y, ticks: niceTicks(0, top, 2), title: 'Examples', text: (tick) => `${tick}%`, grid: true }}
    >
      {drawn.map((one, k) => one.bins.map(({ count }, b) => {
        const [from, to] = [x(b / one.bins.length) + 1.5, x((b + 1) / one.bins.length) - 1.5];
        const bar = (to - from) / drawn.length;
        return count > 0 && (
          <rect key={`${predictorName(one.predictor)} ${b}`} x={from + k * bar} width={Math.max(0.8, bar - 0.6)} y={y(share(one, count))} height={BARS - margin.bottom - y(share(one, count))} fill={one.ink.colour}>
            <title>{`${predictorLabel(one.predictor)}: ${count} examples (${fixed(share(one, count), 1)}%)`}</title>
          </rect>
        );
      }))}
    </PlotFrame>
  );
}
