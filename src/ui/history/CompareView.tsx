/** Runs beside each other: a metric of every arm in each of them on one axis, and the settings in which they differ. */
import { SegmentedControl } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useState } from 'react';
import { ALL_METRICS, type Metric } from '../../measure/metrics.ts';
import type { RunEntry } from '../../storage/runs/entry.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { Figure } from '../charts/Figure.tsx';
import { plusMinus } from '../charts/format.ts';
import { INK, TYPE } from '../charts/ink.ts';
import { Marker } from '../charts/marks.tsx';
import { PlotFrame } from '../charts/PlotFrame.tsx';
import { linearScale, niceTicks } from '../charts/scale.ts';
import { changesBetween } from './changes.ts';
import { type ArmRow, compareCsv, domainOf, letter, rowsOf } from './compare.ts';
import '../charts/table.css';
import styles from './history.module.css';

const LINE = 17;
const GAP = 12;
const TOP = 6;
const BOTTOM = 40;
const TITLES: Record<Metric, { short: string; axis: string }> = {
  meanIoU: { short: 'Mean IoU', axis: 'Mean intersection over union on test, mean and 95% interval over seeds' },
  nll: { short: 'NLL', axis: 'Test NLL (nats per example), mean and 95% interval over seeds' },
  accuracy: { short: 'Accuracy', axis: 'Test accuracy, mean and 95% interval over seeds' },
  ece: { short: 'ECE', axis: 'Expected calibration error, mean and 95% interval over seeds' },
  brier: { short: 'Brier', axis: 'Brier score, mean and 95% interval over seeds' },
};

export function CompareView({ runs }: { runs: readonly RunEntry[] }) {
  const [metric, setMetric] = useState<Metric>('nll');
  const { ref, width } = useElementSize();
  const offered = ALL_METRICS.filter((one) => runs.some(({ summaries }) => summaries.some((summary) => summary.metric === one)));
  const rows = rowsOf(runs, metric);
  const height = TOP + rows.length * (runs.length * LINE + GAP) + BOTTOM;
  const choice = <SegmentedControl size="xs" value={metric} aria-label="Metric" data={offered.map((one) => ({ value: one, label: TITLES[one].short }))} onChange={(value) => setMetric(offered.find((one) => one === value) ?? 'nll')} />;
  return (
    <section className={styles.compare} aria-label="Runs compared">
      <Figure title={runs.map(({ name }, i) => `${letter(i)}: ${name}`).join(', ')} name={`runs-${metric}`} csv={() => compareCsv(runs, metric)} controls={choice}>
        <div ref={ref} style={{ height }}>{width > 0 && <Plot rows={rows} metric={metric} width={width} height={height} />}</div>
      </Figure>
      <Settings runs={runs} />
    </section>
  );
}

function Plot({ rows, metric, width, height }: { rows: readonly ArmRow[]; metric: Metric; width: number; height: number }) {
  const margin = { top: TOP, right: 16, bottom: BOTTOM, left: width >= 640 ? 160 : 132 };
  const [low, high] = domainOf(rows);
  const x = linearScale([low, high], [margin.left, width - margin.right]);
  const block = (rows[0]?.runs.length ?? 1) * LINE + GAP;
  const axis = width >= 560 ? TITLES[metric].axis : TITLES[metric].short;
  return (
    <PlotFrame width={width} height={height} margin={margin} label={`${TITLES[metric].short} of every arm in the runs compared`} x={{ scale: x, ticks: niceTicks(low, high, width >= 640 ? 8 : 4), title: axis, grid: true }}>
      {rows.map(({ arm, runs }, r) => (
        <g key={arm}>
          {r > 0 && <line x1={0} x2={width - margin.right} y1={TOP + r * block} y2={TOP + r * block} stroke={INK.grid} />}
          <text x={margin.left - 34} y={TOP + r * block + block / 2} dy="0.33em" textAnchor="end" fontSize={TYPE.label} fill={INK.text}>{ARM_STYLE[arm].label}</text>
          {runs.map((one, i) => {
            const y = TOP + r * block + GAP / 2 + (i + 0.5) * LINE;
            const { colour, marker } = ARM_STYLE[arm];
            return (
              <g key={i}>
                <text x={margin.left - 12} y={y} dy="0.33em" textAnchor="end" fontSize={TYPE.tick} fill={INK.muted}>{letter(i)}</text>
                {one && <title>{`${ARM_STYLE[arm].label}, ${letter(i)}: ${plusMinus(one, 3)}`}</title>}
                {one?.ci95 && <line x1={x(one.ci95[0])} x2={x(one.ci95[1])} y1={y} y2={y} stroke={colour} strokeWidth={2} />}
                {one && <Marker shape={marker} x={x(one.mean)} y={y} r={4.5} fill={colour} />}
              </g>
            );
          })}
        </g>
      ))}
    </PlotFrame>
  );
}

/** Settings in which any run differs from the first. */
function Settings({ runs }: { runs: readonly RunEntry[] }) {
  const [first, ...others] = runs;
  if (!first) return null;
  const changes = others.map(({ config }) => changesBetween(config, first.config));
  const keys = [...new Map(changes.flat().map((change) => [change.key, change])).values()];
  if (keys.length === 0) return <p className={styles.quiet}>Their settings are the same.</p>;
  return (
    <div className="number-scroll" role="region" aria-label="Settings that differ" tabIndex={0}>
      <table className={`number-table ${styles.settings}`}>
        <thead><tr><th scope="col">Setting</th>{runs.map(({ id, name }, i) => <th key={id} scope="col" title={name}>{letter(i)}</th>)}</tr></thead>
        <tbody>
          {keys.map(({ key, label, there }) => (
            <tr key={key}><th scope="row">{label}</th><td>{there}</td>{changes.map((own, i) => <td key={i}>{own.find((one) => one.key === key)?.here ?? there}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
