/** The mean over corruptions at one severity: what is left, what the damage cost, and paired differences to L2-SP and to the single solution. */
import { useId, useMemo, useState } from 'react';
import type { Interval, Verdict } from '../../core/statistics.ts';
import { predictorName } from '../../experiment/inference/inference-result.ts';
import { FOLLOWED, type Followed, JUDGED, type Robustness } from '../../experiment/robustness/robustness-result.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { fixed, halfWidth, signedFixed } from '../charts/format.ts';
import { ArmKey } from '../charts/marks.tsx';
import { VerdictMark } from '../verdict/words.tsx';
import { CsvButton, Heading, Pick } from './choosers.tsx';
import styles from './inference.module.css';
import { predictorLabel } from './predictors.ts';
import { betterWhenLower, inTitle, QUANTITIES } from './quantities.ts';
import { judgedCsv, judgedRows } from './robustness.ts';

const SEVERITY = JUDGED.map(String);

export function RobustnessTable({ robustness, metric }: { robustness: Robustness; metric: Followed }) {
  const id = useId();
  const [wanted, setWanted] = useState('3');
  const severity = JUDGED.find((one) => String(one) === wanted) ?? 3;
  const rows = useMemo(() => judgedRows(robustness, metric, severity), [robustness, metric, severity]);
  const { unit, digits, factor } = QUANTITIES[metric];
  const title = `Test ${inTitle(metric)} at severity ${severity}, mean over corruptions`;
  return (
    <section aria-labelledby={id}>
      <Heading id={id} title={title}>
        <Pick quiet label="Severity of the table" value={String(severity)} options={SEVERITY} text={(one) => `Severity ${one}`} onPick={setWanted} />
        <CsvButton label="damage, with differences" name="robustness-differences" rows={() => judgedCsv(robustness, FOLLOWED, JUDGED)} />
      </Heading>
      <div className="number-scroll" tabIndex={0} role="region" aria-label="Predictions on damaged images">
        <table className={`number-table ${styles.table} ${styles.dense}`} aria-labelledby={id}>
          <thead>
            <tr>
              <th scope="col" className={styles.arm}>Arm</th>
              <th scope="col">Predictor</th>
              <th scope="col">Undamaged<small>{unit}</small></th>
              <th scope="col">Damaged<small>{unit}, {betterWhenLower(metric) ? 'lower' : 'higher'} is better</small></th>
              <th scope="col">Change<small>damaged − undamaged</small></th>
              <th scope="col">Δ to L2-SP<small>same predictor</small></th>
              <th scope="col">Δ to single MAP<small>same arm</small></th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, i) => (
              <tr key={`${row.arm} ${predictorName(row.predictor)}`} className={rows[i + 1]?.arm === row.arm ? styles.joined : ''}>
                <th scope="row" className={styles.arm}><span><ArmKey arm={row.arm} line={false} />{ARM_STYLE[row.arm].label}</span></th>
                <td>{predictorLabel(row.predictor)}</td>
                <td className={styles.center}>{written(row.clean, digits, factor, false)}</td>
                <td className={styles.center}>{written(row.level, digits, factor, false)}</td>
                <td className={styles.center}>{written(row.rise, digits, factor, true)}</td>
                <td><Difference value={row.versusL2sp} digits={digits} factor={factor} none={row.arm === 'l2-sp' ? 'reference' : '–'} /></td>
                <td><Difference value={row.versusSingle} digits={digits} factor={factor} none={row.predictor.kind === 'single' ? 'reference' : '–'} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles.note}>
        Mean ± half the 95% t interval over seeds; differences are taken seed by seed on the same damaged images, {betterWhenLower(metric) ? 'below' : 'above'} 0 is better. Verdicts hold for all differences at this severity together (Holm).
      </p>
    </section>
  );
}

/** `1.657 ± 0.031`. */
export function written(value: Interval | null, digits: number, factor: number, sign: boolean): string {
  if (!value) return '–';
  const half = halfWidth(value);
  const text = (sign ? signedFixed : fixed)(factor * value.mean, digits);
  return half === null ? text : `${text} ± ${fixed(factor * half, digits)}`;
}

/** A difference above its verdict. */
export function Difference({ value, digits, factor, none }: { value: (Interval & { verdict: Verdict }) | null; digits: number; factor: number; none: string }) {
  if (!value) return <div className={`${styles.center} ${styles.muted}`}>{none}</div>;
  return (
    <div className={styles.reading}>
      <span>{written(value, digits, factor, true)}</span>
      <small><VerdictMark verdict={value.verdict} /></small>
    </div>
  );
}
