/** The verdict: a row an arm with what was tuned, test metrics over seeds and paired differences in words, and the forest plot. */
import { Text } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { Fragment, type ReactNode, useMemo } from 'react';
import type { ArmResult, ArmSummary, Comparison, Metric } from '../../experiment/result.ts';
import { FEWEST_SEEDS } from '../../core/statistics.ts';
import { detectableTo, questionsIn } from '../../experiment/comparison/power.ts';
import { powerWords, sameArmsSentence, sentenceCase } from '../../experiment/sentences.ts';
import { lowerIsBetter } from '../../measure/metrics.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { fixed, halfWidth, settingText } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import { ArmKey } from '../charts/marks.tsx';
import { ForestPlot } from './ForestPlot.tsx';
import { Paired } from './Paired.tsx';
import { type Tuned, type VerdictRow, verdictRows } from './rows.ts';
import '../charts/table.css';
import styles from './verdict.module.css';

interface VerdictTableProps {
  arms: ArmResult[];
  summaries: ArmSummary[];
  comparisons: Comparison[];
  seeds: number;
  /** The posterior has no low-rank factor. */
  flat: boolean;
}

/** Columns of metrics: the factor turns accuracy into percent. */
const METRIC_COLUMNS: { metric: Metric; title: string; unit: string; digits: number; factor: number }[] = [
  { metric: 'meanIoU', title: 'Mean IoU', unit: '%, higher is better', digits: 1, factor: 100 },
  { metric: 'accuracy', title: 'Accuracy', unit: '%, higher is better', digits: 1, factor: 100 },
  { metric: 'nll', title: 'NLL', unit: 'nats', digits: 3, factor: 1 },
  { metric: 'ece', title: 'ECE', unit: '0 to 1', digits: 3, factor: 1 },
  { metric: 'brier', title: 'Brier', unit: '0 to 2', digits: 3, factor: 1 },
];

/** Below this width what answers the question stands first, so that it is seen before the table is scrolled. */
const NARROW = 640;

export function VerdictTable({ arms, summaries, comparisons, seeds, flat }: VerdictTableProps) {
  const rows = useMemo(() => verdictRows(arms, summaries, comparisons), [arms, summaries, comparisons]);
  const { ref, width } = useElementSize();
  const columns = columnsOf(rows, seeds, width > 0 && width < NARROW);
  return (
    <div style={{ display: 'grid', gap: 20, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <ForestPlot rows={rows} seeds={seeds} />
      <div ref={ref}>
        <div className="number-scroll" tabIndex={0} role="region" aria-label="Verdict table">
          <table className={`number-table ${styles.table}`}>
            <thead>
              <tr>
                <th scope="col" className={styles.arm}>Arm</th>
                {columns.map(({ key, head }) => <Fragment key={key}>{head}</Fragment>)}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.arm} data-arm={row.arm}>
                  <ArmCell row={row} seeds={seeds} />
                  {columns.map(({ key, cell }) => <Fragment key={key}>{cell(row)}</Fragment>)}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <Notes rows={rows} comparisons={comparisons} seeds={seeds} same={flat ? sameArmsSentence(rows.map(({ arm }) => arm), 0) : null} />
      </div>
    </div>
  );
}

interface Column {
  key: string;
  head: ReactNode;
  cell: (row: VerdictRow) => ReactNode;
}

function columnsOf(rows: readonly VerdictRow[], seeds: number, narrow: boolean): Column[] {
  const tuned: Column[] = [
    {
      key: 'tuned', head: <th scope="col" className={styles.text}>Tuned<small>median (range)</small></th>,
      cell: (row) => <td>{row.tuned ? <><TunedText name={row.knob === 'λ' ? 'λ' : 'rate'} tuned={row.tuned} /><EdgeMark row={row} seeds={seeds} /></> : '–'}</td>,
    },
    { key: 'κ', head: <th scope="col" className={styles.text}>κ<small>median (range)</small></th>, cell: (row) => <td>{row.headStrength ? <TunedText tuned={row.headStrength} /> : '–'}</td> },
  ];
  const metrics = METRIC_COLUMNS.filter(({ metric }) => rows.some((row) => row.metrics[metric])).map(({ metric, title, unit, digits, factor }): Column => {
    const best = bestOf(rows, metric);
    return {
      key: metric, head: <th scope="colgroup" colSpan={2}>{title}<small>{unit}</small></th>,
      cell: (row) => {
        const value = row.metrics[metric];
        const half = value ? halfWidth(value) : null;
        return (
          <>
            <td className={`${styles.mean} ${best === row.arm ? styles.best : ''}`}>{value ? fixed(factor * value.mean, digits) : '–'}</td>
            <td className={styles.half}>{half === null ? '' : `± ${fixed(factor * half, digits)}`}</td>
          </>
        );
      },
    };
  });
  const present = (rival: VerdictRow['arm']) => rows.some(({ arm }) => arm === rival);
  const differences: Column[] = [
    ...(present('l2-sp') ? [{ key: 'l2-sp', head: <th scope="col" className={styles.asked}>ΔNLL to L2-SP<small>paired, below 0 is better</small></th>, cell: (row: VerdictRow) => <Difference row={row} rival="l2-sp" difference={row.toL2sp} /> }] : []),
    ...(present('none') ? [{ key: 'none', head: <th scope="col">ΔNLL to plain<small>paired, below 0 is better</small></th>, cell: (row: VerdictRow) => <Difference row={row} rival="none" difference={row.toPlain} /> }] : []),
  ];
  return narrow ? [...differences, ...metrics, ...tuned] : [...tuned, ...metrics, ...differences];
}

function bestOf(rows: readonly VerdictRow[], metric: Metric): VerdictRow['arm'] | null {
  const sign = lowerIsBetter(metric) ? 1 : -1;
  let best: VerdictRow | null = null;
  for (const row of rows) {
    const value = row.metrics[metric]?.mean ?? NaN;
    if (Number.isFinite(value) && (!best || sign * value < sign * best.metrics[metric]!.mean)) best = row;
  }
  return best?.arm ?? null;
}

function ArmCell({ row, seeds }: { row: VerdictRow; seeds: number }) {
  const lost = row.diverged === 0 ? null : `${row.diverged} run${row.diverged === 1 ? '' : 's'} diverged`;
  const gone = row.lostSeeds === 0 ? null : `${row.lostSeeds} of ${seeds} seeds lost`;
  return (
    <th scope="row" className={styles.arm}>
      <span><ArmKey arm={row.arm} line={false} /><span className={styles.name}>{ARM_STYLE[row.arm].label}</span></span>
      {lost !== null && <span className={styles.note}>{lost}</span>}
      {gone !== null && <span className={styles.note}>{gone}</span>}
    </th>
  );
}

function TunedText({ name, tuned: { median, low, high } }: { name?: string; tuned: Tuned }) {
  return (
    <>
      {name && <span style={{ color: INK.muted }}>{name} </span>}
      {settingText(median)}
      {low !== high && <span style={{ color: INK.muted }}> ({settingText(low)}–{settingText(high)})</span>}
    </>
  );
}

function EdgeMark({ row, seeds }: { row: VerdictRow; seeds: number }) {
  const { low, high } = row.atEdge;
  if (low + high === 0) return null;
  const told = low > 0 && high > 0 ? `${low} of ${seeds} low, ${high} high` : `${low + high} of ${seeds} at the ${low > 0 ? 'low' : 'high'} end`;
  const most = 2 * Math.max(low, high) > seeds;
  return <span className={`${styles.note} ${most ? styles.edge : ''}`}>{most ? '⚠ ' : ''}edge: {told}</span>;
}

function Difference({ row, rival, difference }: { row: VerdictRow; rival: 'l2-sp' | 'none'; difference: Comparison | null }) {
  const tint = rival === 'l2-sp' ? styles.asked : '';
  if (!difference) return <td className={tint} style={{ textAlign: 'center', color: INK.muted }}>{row.arm === rival ? 'reference' : '–'}</td>;
  return <td className={tint}><Paired difference={difference} /></td>;
}

function Notes({ rows, comparisons, seeds, same }: { rows: readonly VerdictRow[]; comparisons: readonly Comparison[]; seeds: number; same: string | null }) {
  const judged = comparisons.filter(({ metric }) => metric === 'nll');
  const tests = questionsIn(judged);
  const power = detectableTo(rows.some(({ arm }) => arm === 'l2-sp') ? 'l2-sp' : 'none', judged);
  const edge = rows.some(({ atEdge }) => atEdge.low + atEdge.high > 0);
  return (
    <Text size="xs" c={INK.muted} mt={8} component="div">
      Test metrics, mean ± half the 95% t interval over {seeds} seed{seeds === 1 ? '' : 's'}; the best mean of a column is bold.
      A difference is taken seed by seed, with its own 95% interval.{tests > 1 && ` Verdicts hold for all ${tests} differences together: the chance of any “better” or “worse” where nothing differs is at most 5% (Holm’s p below each), so an interval may exclude zero without a verdict.`}{power && ` ${sentenceCase(powerWords(power))}, by the spread between seeds seen here.`}{seeds < FEWEST_SEEDS ? ` Below ${FEWEST_SEEDS} seeds no verdict is given.` : ''}
      {edge && <> <b>Edge</b>: the tuned value was the first or last of its grid, so a better one may lie beyond; widen the grid before believing a row marked ⚠ (most seeds).</>}
      {rows.some((row) => row.diverged > 0) && ' A run that diverged cannot be chosen; a seed on which every run diverged is missing from the intervals.'}
      {same !== null && ` ${same}`}
    </Text>
  );
}
