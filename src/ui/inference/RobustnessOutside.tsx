/** Whether uncertainty tells images of no known class: AUROC by entropy and by mutual information, arm by arm. */
import { useId, useMemo } from 'react';
import { predictorName } from '../../experiment/inference/inference-result.ts';
import type { OutsideDetection, Robustness } from '../../experiment/robustness/robustness-result.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { fixed } from '../charts/format.ts';
import { ArmKey } from '../charts/marks.tsx';
import { CsvButton, Heading } from './choosers.tsx';
import styles from './inference.module.css';
import { predictorLabel } from './predictors.ts';
import { outsideCsv, outsideRows, withinSeeds } from './robustness.ts';
import { Difference, written } from './RobustnessTable.tsx';

const DIGITS = 3;

export function RobustnessOutside({ robustness }: { robustness: Robustness }) {
  const id = useId();
  const rows = useMemo(() => outsideRows(robustness), [robustness]);
  const { outside, outsideMissing, images, detection } = robustness;
  if (!outside && outsideMissing === null) return null;
  const averages = rows.some(({ mutualInformation }) => mutualInformation !== null);
  return (
    <section aria-labelledby={id}>
      <Heading id={id} title="Does uncertainty tell unknown inputs?">{outside && <CsvButton label="detection of unknown inputs" name="unknown-inputs" rows={() => outsideCsv(detection)} />}</Heading>
      {!outside && <div className={styles.absent}>{outsideMissing}</div>}
      {outside && (
        <>
          <div className="number-scroll" tabIndex={0} role="region" aria-label="Detection of unknown inputs">
            <table className={`number-table ${styles.table} ${styles.dense}`} aria-labelledby={id}>
              <thead>
                <tr>
                  <th scope="col" rowSpan={2} className={styles.arm}>Arm</th>
                  <th scope="col" rowSpan={2}>Predictor</th>
                  <th scope="colgroup" colSpan={3} className={`${styles.group} ${styles.first}`}>By predictive entropy</th>
                  {averages && <th scope="colgroup" colSpan={3} className={`${styles.group} ${styles.first}`}>By mutual information</th>}
                </tr>
                <tr><Heads />{averages && <Heads />}</tr>
              </thead>
              <tbody>
                {rows.map(({ arm, predictor, entropy, mutualInformation }, i) => (
                  <tr key={`${arm} ${predictorName(predictor)}`} className={rows[i + 1]?.arm === arm ? styles.joined : ''}>
                    <th scope="row" className={styles.arm}><span><ArmKey arm={arm} line={false} />{ARM_STYLE[arm].label}</span></th>
                    <td>{predictorLabel(predictor)}</td>
                    <Cells found={entropy} />
                    {averages && <Cells found={mutualInformation} />}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p className={styles.note}>
            AUROC: the chance that an image from outside ({outside.name}, {outside.images} for each seed, under the downstream shift) looks less certain than one of the {images} undamaged test images; 0.5 is blind, 1 tells all apart.
            Mean ± half the 95% t interval over seeds; below it, half of DeLong’s interval within a seed. Some outside classes may look like downstream ones (O and 0), which no uncertainty can tell.
            {averages && ' Mutual information is what networks disagree on; a single network has none. Δ to single MAP: to the entropy of the same arm’s single solution.'}
          </p>
        </>
      )}
    </section>
  );
}

function Heads() {
  return (
    <>
      <th scope="col" className={styles.first}><small>AUROC</small></th>
      <th scope="col"><small>Δ to L2-SP</small></th>
      <th scope="col"><small>Δ to single MAP</small></th>
    </>
  );
}

function Cells({ found }: { found: OutsideDetection | null }) {
  if (!found) return <><td className={`${styles.first} ${styles.center} ${styles.muted}`}>–</td><td className={`${styles.center} ${styles.muted}`}>–</td><td className={`${styles.center} ${styles.muted}`}>–</td></>;
  const within = withinSeeds(found);
  return (
    <>
      <td className={`${styles.first} ${styles.center}`}>{written(found.auroc, DIGITS, 1, false)}{Number.isFinite(within) && <small>each ± {fixed(within, DIGITS)}</small>}</td>
      <td><Difference value={found.versusL2sp} digits={DIGITS} factor={1} none={found.arm === 'l2-sp' ? 'reference' : '–'} /></td>
      <td><Difference value={found.versusSingle} digits={DIGITS} factor={1} none={found.predictor.kind === 'single' ? 'reference' : '–'} /></td>
    </>
  );
}
