/** How probable each tuned prior finds the training labels: a row an arm, with fit and Occam factor apart, the difference to L2-SP and every seed. */
import { memo, useId, useMemo } from 'react';
import type { ArmEvidence } from '../../experiment/inference/inference-result.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { fixed, halfWidth, plusMinus, settingText, signedFixed } from '../charts/format.ts';
import { ArmKey } from '../charts/marks.tsx';
import { VerdictMark } from '../verdict/words.tsx';
import { CsvButton, Heading } from './choosers.tsx';
import '../charts/table.css';
import { evidenceCsv, type EvidenceRow, evidenceRows, evidenceSeeds, scalesOf } from './evidence.ts';
import styles from './inference.module.css';

export const EvidenceTable = memo(function EvidenceTable({ evidence }: { evidence: readonly ArmEvidence[] }) {
  const id = useId();
  const rows = useMemo(() => evidenceRows(evidence), [evidence]);
  const seeds = useMemo(() => evidenceSeeds(evidence), [evidence]);
  return (
    <section aria-labelledby={id}>
      <Heading id={id} title="Laplace evidence of the tuned priors"><CsvButton label="Laplace evidence" name="evidence" rows={() => evidenceCsv(evidence)} /></Heading>
      <div className="number-scroll" tabIndex={0} role="region" aria-label="Laplace evidence by arm">
        <table className={`number-table ${styles.table} ${styles.dense} ${styles.figures}`} aria-labelledby={id}>
          <thead>
            <tr>
              <th scope="col" rowSpan={2} className={styles.arm}>Arm<small>tuned λ</small></th>
              <th scope="col" rowSpan={2}>log p(D)<small>nats, higher is better</small></th>
              <th scope="col" rowSpan={2}>Δ to L2-SP<small>seed by seed</small></th>
              <th scope="col" rowSpan={2} className={styles.first}>Fit<small>log p(D | θ*)</small></th>
              <th scope="col" rowSpan={2}>Occam factor<small>the rest</small></th>
              <th scope="colgroup" colSpan={seeds.length} className={`${styles.group} ${styles.first}`}>log p(D) by seed</th>
            </tr>
            <tr>{seeds.map((seed, i) => <th key={seed} scope="col" className={i === 0 ? styles.first : ''}><small>{seed}</small></th>)}</tr>
          </thead>
          <tbody>{rows.map((row) => <Row key={row.arm} row={row} />)}</tbody>
        </table>
      </div>
      <p className={styles.note}>
        An approximation around one mode: each solution is taken for the top of a Gaussian with the diagonal Gauss–Newton matrix as its curvature, other modes and correlations left out; one that training left short of the top counts too low.
        The evidence judges a prior by the training labels alone: a fit that needs few of the prior’s choices counts more than one that needs many. It can choose λ, or one λ a layer, where there are no examples to validate on; here λ was tuned by validation NLL.
      </p>
    </section>
  );
});

function Row({ row }: { row: EvidenceRow }) {
  const { arm, total, difference, fit, occam, seeds } = row;
  const half = difference && halfWidth(difference);
  return (
    <tr data-arm={arm}>
      <th scope="row" className={styles.arm}>
        <span><ArmKey arm={arm} line={false} /><span className={styles.pair}><span>{ARM_STYLE[arm].label}</span><small>λ {scalesText(scalesOf(row))}</small></span></span>
      </th>
      <td>{plusMinus(total, 2)}</td>
      <td>
        {difference
          ? <span className={styles.delta}><span>{signedFixed(difference.mean, 2)}{half !== null && ` ± ${fixed(half, 2)}`}</span><VerdictMark verdict={difference.verdict} /></span>
          : <span className={styles.muted}>{arm === 'l2-sp' ? 'reference' : '–'}</span>}
      </td>
      <td className={styles.first}>{plusMinus(fit, 2)}</td>
      <td>{plusMinus(occam, 2)}</td>
      {seeds.map((one, i) => <td key={i} className={i === 0 ? styles.first : ''}>{fixed(one?.logEvidence ?? NaN, 2)}</td>)}
    </tr>
  );
}

/** `30`, `30 to 300` where seeds chose differently. */
function scalesText(scales: readonly number[]): string {
  const [low, high] = [scales[0] ?? NaN, scales.at(-1) ?? NaN];
  return low === high ? settingText(low) : `${settingText(low)} to ${settingText(high)}`;
}
