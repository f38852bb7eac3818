/** A metric against the severity of damage: the mean over corruptions, and each corruption on the same scale. */
import { UnstyledButton } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { memo, useMemo, useState } from 'react';
import { CORRUPTION_WORDS } from '../../data/corrupt.ts';
import { FOLLOWED, type Followed, type Robustness } from '../../experiment/robustness/robustness-result.ts';
import { Figure } from '../charts/Figure.tsx';
import { CurvePlot, type Ink, InkKey, type PlotCurve } from '../surface/CurvePlot.tsx';
import { Pick } from './choosers.tsx';
import styles from './inference.module.css';
import { inTitle, QUANTITIES } from './quantities.ts';
import { corruptionLabel, curvesCsv, levelDomain, type Line, linesOf, LEVELS, type Side, sideLabel, sideName, sidesOf, sideTitle } from './robustness.ts';

interface RobustnessFigureProps {
  robustness: Robustness;
  metric: Followed;
  onMetric: (metric: Followed) => void;
  inks: ReadonlyMap<string, Ink>;
}

export const RobustnessFigure = memo(function RobustnessFigure({ robustness, metric, onMetric, inks }: RobustnessFigureProps) {
  const sides = useMemo(() => sidesOf(robustness), [robustness]);
  const [wanted, setWanted] = useState<string | null>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const side = sides.find((one) => sideName(one) === wanted) ?? sides[0];
  if (!side) return null;
  const { unit } = QUANTITIES[metric];
  const toggle = (key: string) => setHidden((keys) => new Set(keys.has(key) ? [...keys].filter((one) => one !== key) : [...keys, key]));
  return (
    <Figure
      title={`Test ${inTitle(metric)} (${unit}) against the severity of damage: ${sideTitle(side)}`} name={`robustness-${metric}`} csv={() => curvesCsv(robustness.curves)}
      controls={(
        <>
          <Pick quiet width={104} label="Metric on damaged images" value={metric} options={FOLLOWED} text={(one) => QUANTITIES[one].short} onPick={onMetric} />
          <Pick quiet width={190} label="Set side by side" value={sideName(side)} options={sides.map(sideName)} text={(name) => sideLabel(sides.find((one) => sideName(one) === name)!)} onPick={setWanted} />
        </>
      )}
    >
      <Multiples robustness={robustness} metric={metric} side={side} inks={inks} hidden={hidden} onToggle={toggle} />
    </Figure>
  );
});

interface MultiplesProps {
  robustness: Robustness;
  metric: Followed;
  side: Side;
  inks: ReadonlyMap<string, Ink>;
  hidden: ReadonlySet<string>;
  onToggle: (key: string) => void;
}

function Multiples({ robustness, metric, side, inks, hidden, onToggle }: MultiplesProps) {
  const all = useMemo(() => (['mean', ...robustness.corruptions] as const).map((corruption) => ({ corruption, lines: linesOf(robustness, side, corruption, metric, inks) })), [robustness, side, metric, inks]);
  const shown = useMemo(() => all.map(({ corruption, lines }) => ({ corruption, lines: lines.filter(({ key }) => !hidden.has(key)) })), [all, hidden]);
  const domain = useMemo(() => levelDomain(shown.flatMap(({ lines }) => lines)), [shown]);
  const { images, corruptions } = robustness;
  return (
    <>
      <div role="group" aria-label="Curves shown" className={styles.legend}>
        {all[0]!.lines.map(({ key, label, ink }) => {
          const on = !hidden.has(key);
          return (
            <UnstyledButton key={key} aria-pressed={on} title={on ? 'Hide this curve' : 'Show this curve'} onClick={() => onToggle(key)}>
              <InkKey ink={ink} /><span data-caption>{label}</span>
            </UnstyledButton>
          );
        })}
      </div>
      <div className={styles.multiples}>
        {shown.map(({ corruption, lines }) => (
          <div key={corruption} className={styles.multiple}>
            <p title={corruption === 'mean' ? undefined : CORRUPTION_WORDS[corruption].sentence}><span data-caption>{corruptionLabel(corruption)}</span></p>
            <Plot lines={lines} domain={domain} metric={metric} label={`Test ${inTitle(metric)} against severity, ${corruptionLabel(corruption).toLowerCase()}`} />
          </div>
        ))}
      </div>
      <p className={styles.note} data-caption>
        {images} test images of each seed, damaged in {corruptions.length} way{corruptions.length === 1 ? '' : 's'}; the same damage for every arm, on top of the downstream shift. Severity 0: undamaged. Mean over seeds, bands: 95% t intervals over seeds.
        {domain?.clipped ? ' Some bands reach beyond the picture.' : ''} Averages are here of at most eight samples. Hide a curve to give the others more room.
      </p>
    </>
  );
}

const HEIGHT = 210;

function Plot({ lines, domain, metric, label }: { lines: readonly Line[]; domain: ReturnType<typeof levelDomain>; metric: Followed; label: string }) {
  const { ref, width } = useElementSize();
  const { factor, label: name, unit } = QUANTITIES[metric];
  const curves = useMemo(() => lines.map((line): PlotCurve => ({
    key: line.key, label: line.label, ink: line.ink, y: line.levels.map(({ mean }) => factor * mean),
    band: line.levels.map(({ ci95 }) => ci95 && [factor * ci95[0], factor * ci95[1]]),
  })), [lines, factor]);
  if (!domain) return <div className={styles.absent} style={{ height: HEIGHT }}>Nothing finite is shown here.</div>;
  return (
    <div ref={ref} style={{ height: HEIGHT }}>
      {width > 0 && (
        <CurvePlot
          x={LEVELS} curves={curves} domain={{ low: factor * domain.low, high: factor * domain.high, clipped: domain.clipped }} width={width} height={HEIGHT} top={8}
          label={label} xTitle="Severity" yTitle={unit === '%' || unit === 'nats' ? `${name} (${unit})` : name} place={(severity) => (severity === 0 ? 'undamaged' : `severity ${severity}`)}
        />
      )}
    </div>
  );
}
