/** The test images on which predictors disagree most, side by side, and what each arm says of them. */
import { useId, useMemo, useState } from 'react';
import { predictorName } from '../../experiment/inference/inference-result.ts';
import type { DisputedImage, Robustness } from '../../experiment/robustness/robustness-result.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { fixed } from '../charts/format.ts';
import { ArmKey } from '../charts/marks.tsx';
import { TileCanvas } from '../data/TileCanvas.tsx';
import { tilesOf } from '../data/tiles.ts';
import { CsvButton, Heading, Pick } from './choosers.tsx';
import own from './disputed.module.css';
import styles from './inference.module.css';
import { predictorLabel, predictorsOf } from './predictors.ts';
import { armsIn, disputedCsv } from './robustness.ts';

export function RobustnessDisputed({ disputed }: { disputed: Robustness['disputed'] }) {
  const id = useId();
  const { images, strip, classNames } = disputed;
  const answers = useMemo(() => images.flatMap((image) => image.answers), [images]);
  const predictors = useMemo(() => predictorsOf(answers), [answers]);
  const [wanted, setWanted] = useState<string | null>(null);
  const predictor = predictors.find((one) => predictorName(one) === wanted) ?? predictors[0];
  const tiles = useMemo(() => (strip ? tilesOf(strip) : []), [strip]);
  if (!predictor) return null;
  const name = predictorName(predictor);
  const arms = armsIn(answers.filter((one) => predictorName(one.predictor) === name));
  return (
    <section aria-labelledby={id}>
      <Heading id={id} title="Where predictions disagree most">
        {predictors.length > 1 && <Pick quiet label="Whose answers" value={name} options={predictors.map(predictorName)} text={(option) => predictorLabel(predictors.find((one) => predictorName(one) === option)!)} onPick={setWanted} />}
        <CsvButton label="disputed images" name="disputed" rows={() => disputedCsv(disputed)} />
      </Heading>
      <div className="number-scroll" tabIndex={0} role="region" aria-label="Disputed images">
        <table className={`number-table ${styles.table} ${styles.dense} ${own.disputed}`} aria-labelledby={id}>
          <thead>
            <tr>
              <th scope="col" className={styles.arm}>Arm<small>{predictorLabel(predictor)}</small></th>
              {images.map((image, i) => (
                <th key={i} scope="col" title={`Seed ${image.seed}; total variation between predictors ${fixed(image.variation, 2)}`}>
                  <TileCanvas pixels={tiles[i] ?? null} className={own.tile!} />
                  is {classNames[image.label]}<small>{fixed(image.variation, 2)}</small>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {arms.map((arm) => (
              <tr key={arm}>
                <th scope="row" className={styles.arm}><span><ArmKey arm={arm} line={false} />{ARM_STYLE[arm].label}</span></th>
                {images.map((image, i) => <td key={i}><Answer image={image} answer={image.answers.find((one) => one.arm === arm && predictorName(one.predictor) === name)} classNames={classNames} /></td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles.note}>
        Undamaged test images of all seeds with the largest total variation between the predictions of two predictors, mean over all pairs (under each image; 0: all say the same, 1: no two agree at all). Each cell: the most probable class (✓ right, ✗ wrong) and below it the second most probable class.
      </p>
    </section>
  );
}

function Answer({ image, answer, classNames }: { image: DisputedImage; answer: DisputedImage['answers'][number] | undefined; classNames: readonly string[] }) {
  const [first, second] = answer?.top ?? [];
  if (!answer || !first) return <span className={styles.muted}>–</span>;
  const right = first.class === image.label;
  const told = answer.top.map(({ class: index, probability }) => `${classNames[index] ?? index}: ${fixed(100 * probability, 0)}%`);
  return (
    <span className={right ? '' : own.wrong} title={told.join('\n')}>
      <b>{classNames[first.class]}</b>{right ? ' ✓' : ' ✗'}<small>{fixed(100 * first.probability, 0)}%</small>
      {second && <small>{classNames[second.class]}: {fixed(100 * second.probability, 0)}%</small>}
    </span>
  );
}
