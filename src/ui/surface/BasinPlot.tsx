/** Basin plots: train and test NLL along one direction through each arm's own solution, side by side with one loss axis. */
import { Switch } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import type { Line } from '../../experiment/result.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { fixed, reading } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import { type BasinCurve, basinDomain, basinPicture } from './basin.ts';
import { CurvePlot, type Ink, InkKey } from './CurvePlot.tsx';
import { armNamed, type Domain } from './cut.ts';
import styles from './evidence.module.css';

const HEIGHT = 330;
const TOP = 12;

interface BasinPlotProps {
  /** Of one basin cut: a line an arm and seed. */
  lines: readonly Line[];
}

export function BasinPlot({ lines }: BasinPlotProps) {
  const [excess, setExcess] = useState(true);
  const [cursor, setCursor] = useState<number | null>(null);
  const picture = useMemo(() => basinPicture(lines, excess), [lines, excess]);
  const domain = useMemo(() => picture && basinDomain(picture.curves), [picture]);
  if (!picture || !domain) return null;
  const seeds = Math.max(...picture.curves.map((curve) => curve.seeds));
  return (
    <div>
      <div className={styles.legend}>
        {picture.curves.map(({ from }) => <span key={from}><InkKey ink={inkOf(from)} /><span data-caption>{labelOf(from)}</span></span>)}
        <Switch size="xs" label="Above own minimum" checked={excess} onChange={(event) => setExcess(event.currentTarget.checked)} ml="auto" data-controls />
      </div>
      <div className={styles.halves}>
        {(['train', 'test'] as const).map((loss) => <Half key={loss} loss={loss} x={picture.x} curves={picture.curves} domain={domain} excess={excess} cursor={cursor} onCursor={setCursor} />)}
      </div>
      <div className={styles.caption} data-caption>
        0 is the arm’s own solution; every arm moves along the same direction.{seeds > 1 ? ` Mean over ${seeds} seeds with 95% t bands.` : ' One seed: no bands.'}
        {domain.clipped && ` Clipped at ${reading(domain.high)} nats.`}
      </div>
    </div>
  );
}

interface HalfProps {
  loss: 'train' | 'test';
  x: readonly number[];
  curves: readonly BasinCurve[];
  domain: Domain;
  excess: boolean;
  cursor: number | null;
  onCursor: (index: number | null) => void;
}

function Half({ loss, x, curves, domain, excess, cursor, onCursor }: HalfProps) {
  const { ref, width } = useElementSize();
  const name = loss === 'train' ? 'Train NLL' : 'Test NLL';
  const drawn = useMemo(() => curves.map((curve) => ({ key: curve.from, label: labelOf(curve.from), ink: inkOf(curve.from), ...curve[loss] })), [curves, loss]);
  return (
    <div ref={ref} style={{ height: HEIGHT, minWidth: 0 }}>
      {width > 0 && (
        <CurvePlot
          x={x} curves={drawn} domain={domain} width={width} height={HEIGHT} top={TOP} label={`${name} along one direction through each solution`}
          xTitle="Distance from the solution (parameter units)" yTitle={excess ? `${name} above its minimum (nats)` : `${name} (nats)`}
          place={(at) => `t = ${fixed(at, 3)} parameter units`} cursor={cursor} onCursor={onCursor}
        />
      )}
    </div>
  );
}

function labelOf(from: string): string {
  const arm = armNamed(from);
  return arm ? ARM_STYLE[arm].label : from;
}

function inkOf(from: string): Ink {
  const arm = armNamed(from);
  return arm ? { colour: ARM_STYLE[arm].colour, dash: ARM_STYLE[arm].dash, weight: 2 } : { colour: INK.muted, dash: '2 3', weight: 1.6 };
}
