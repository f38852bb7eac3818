/** Intersection over union by class and arm, over seeds: which classes a mean hides. */
import { useId } from 'react';
import type { Segmentation } from '../../experiment/segmentation/segmentation-result.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { fixed, halfWidth } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import { ArmKey } from '../charts/marks.tsx';
import { MapKey } from '../data/MapKey.tsx';
import '../charts/table.css';
import styles from '../verdict/verdict.module.css';

export function ClassTable({ segmentation: { classNames, classes } }: { segmentation: Segmentation }) {
  const id = useId();
  const arms = [...new Set(classes.map(({ arm }) => arm))];
  return (
    <section aria-labelledby={id} style={{ marginTop: 20 }}>
      <h3 id={id} style={{ margin: '0 0 6px', fontSize: 14, fontWeight: 600 }}>Intersection over union by class, % on test pixels</h3>
      <div className="number-scroll" tabIndex={0} role="region" aria-label="Intersection over union by class">
        <table className={`number-table ${styles.table}`} aria-labelledby={id}>
          <thead><tr><th scope="col" className={styles.arm}>Class</th>{arms.map((arm) => <th key={arm} scope="col"><span style={{ display: 'inline-flex', alignItems: 'center', gap: 6 }}><ArmKey arm={arm} line={false} />{ARM_STYLE[arm].label}</span></th>)}</tr></thead>
          <tbody>
            {classNames.map((className) => (
              <tr key={className}>
                <th scope="row" className={styles.arm}>{className}</th>
                {arms.map((arm) => {
                  const one = classes.find((other) => other.arm === arm && other.className === className);
                  const half = one ? halfWidth(one) : null;
                  return <td key={arm} style={{ textAlign: 'center' }}>{one && one.seeds > 0 ? <>{fixed(100 * one.mean, 1)}<span style={{ color: INK.muted }}>{half === null ? '' : ` ± ${fixed(100 * half, 1)}`}</span></> : '–'}</td>;
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <MapKey classNames={classNames} />
    </section>
  );
}
