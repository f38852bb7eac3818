/** Is the sampler sampling? What the run warns of, and a row an arm and temperature with its worst diagnostics over seeds. */
import { IconAlertTriangle } from '@tabler/icons-react';
import { useId, useMemo } from 'react';
import type { Inference } from '../../experiment/inference/inference-result.ts';
import { isGaussian, type Method } from '../../experiment/inference/methods.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { settingText } from '../charts/format.ts';
import { ArmKey } from '../charts/marks.tsx';
import { chainRows, type ChainRow, diagnosticsCsv, LIMITS, TRACE_GROUPS, type TraceGroup } from './chains.ts';
import { CsvButton, Heading } from './choosers.tsx';
import '../charts/table.css';
import styles from './inference.module.css';
import { MarkedReading, MarkWord } from './Marked.tsx';

const GROUP_TITLE: Record<TraceGroup, string> = { 'log posterior': 'Log posterior', projections: 'Projections', predictions: 'Predictions' };

export function ChainTable({ inference: { diagnostics, chains, warnings, method } }: { inference: Inference }) {
  const id = useId();
  const rows = useMemo(() => chainRows(diagnostics, chains), [diagnostics, chains]);
  return (
    <section aria-labelledby={id}>
      <Heading id={id} title="Is the sampler sampling?">
        {rows.length > 0 && <CsvButton label="chain diagnostics" name="chains" rows={() => diagnosticsCsv(diagnostics)} />}
      </Heading>
      {warnings.length > 0 && (
        <ul className={styles.warnings} aria-label="Warnings">
          {warnings.map((warning) => <li key={warning}><IconAlertTriangle size={16} stroke={1.8} aria-hidden />{warning}</li>)}
        </ul>
      )}
      {rows.length === 0
        ? <div className={styles.absent}>{noChains(method)}</div>
        : <Rows rows={rows} id={id} />}
    </section>
  );
}

/** Why there is nothing to diagnose. */
function noChains(method: Method): string {
  if (method === 'ensemble') return 'The ensemble is of independent MAP chains: nothing is sampled, so there is nothing to diagnose.';
  if (isGaussian(method)) return 'No chain ran: the networks are independent draws of a Gaussian around each solution, so there is no mixing to diagnose. What may fail is that Gaussian; where the average at T = 1 predicts worse than a colder one, it may be wider than the posterior.';
  return 'No chain was sampled.';
}

function Rows({ rows, id }: { rows: readonly ChainRow[]; id: string }) {
  return (
    <>
      <div className="number-scroll" tabIndex={0} role="region" aria-label="Chain diagnostics">
        <table className={`number-table ${styles.table} ${styles.dense}`} aria-labelledby={id}>
          <thead>
            <tr>
              <th scope="col" rowSpan={2} className={styles.arm}>Arm<small>temperature</small></th>
              <th scope="col" rowSpan={2}>Overall<small>its worst mark</small></th>
              {TRACE_GROUPS.map((group) => <th key={group} scope="colgroup" colSpan={2} className={`${styles.group} ${styles.first}`}>{GROUP_TITLE[group]}</th>)}
              <th scope="col" rowSpan={2} className={styles.first}>Kinetic<small>÷ target</small></th>
              <th scope="col" rowSpan={2}>Disagreement<small>of samples, mean</small></th>
              <th scope="col" rowSpan={2}>Diverged<small>chains</small></th>
            </tr>
            <tr>{TRACE_GROUPS.map((group) => <GroupHeads key={group} />)}</tr>
          </thead>
          <tbody>
            {rows.map((row, i) => (
              <tr key={`${row.arm} ${row.temperature}`} className={rows[i + 1]?.arm === row.arm ? styles.joined : ''}>
                <th scope="row" className={styles.arm}>
                  <span><ArmKey arm={row.arm} line={false} /><span className={styles.pair}><span>{ARM_STYLE[row.arm].label}</span><small>T = {settingText(row.temperature)}</small></span></span>
                </th>
                <td className={styles.center}><MarkWord mark={row.mark} /></td>
                {TRACE_GROUPS.map((group) => <GroupCells key={group} {...row.groups[group]} />)}
                <td className={styles.first}><MarkedReading reading={row.kinetic} digits={2} /></td>
                <td><MarkedReading reading={row.disagreement} digits={1} percent /></td>
                <td className={styles.center}>
                  <span className={styles.reading}><span><span>{row.diverged.count} of {row.diverged.of}</span><MarkWord mark={row.diverged.mark} /></span></span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles.note}>
        The worst over seeds and scalars: the largest R̂, the smallest bulk effective sample size (ESS), the kinetic temperature furthest from its target.
        Look: R̂ above {LIMITS.rhat[0]}, ESS below {LIMITS.ess[0]}, kinetic temperature off by more than {100 * LIMITS.kinetic[0]}%, some chain diverged, or samples that never disagree. Fails: R̂ above {LIMITS.rhat[1]}, ESS below {LIMITS.ess[1]}, off by more than {100 * LIMITS.kinetic[1]}%, or half of the chains diverged.
        A dash says that there is nothing to measure (no velocities, or T = 0). Predictions can mix where weights do not: averages need the former.
      </p>
    </>
  );
}

function GroupHeads() {
  return (
    <>
      <th scope="col" className={styles.first}><small>largest R̂</small></th>
      <th scope="col"><small>smallest ESS</small></th>
    </>
  );
}

function GroupCells({ rhat, ess }: ChainRow['groups'][TraceGroup]) {
  return (
    <>
      <td className={styles.first}><MarkedReading reading={rhat} digits={2} /></td>
      <td><MarkedReading reading={ess} digits={0} /></td>
    </>
  );
}
