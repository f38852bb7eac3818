/** The opened fold: what probe and neighbours read off the features, how these lie on the sphere, and their map. */
import type { Embedding, Figures } from '../../experiment/embedding/embedding-result.ts';
import type { CsvValue } from '../../storage/exports.ts';
import { fixed, halfWidth, plusMinus, settingText, signedFixed } from '../charts/format.ts';
import '../charts/table.css';
import { CsvButton, Heading } from '../inference/choosers.tsx';
import { EmbeddingMap } from './EmbeddingMap.tsx';
import styles from './embedding.module.css';

interface Row {
  figure: keyof Figures;
  name: string;
  unit: string;
  factor: number;
  digits: number;
}

const ROWS: readonly Row[] = [
  { figure: 'probe', name: 'Linear probe', unit: '% named', factor: 100, digits: 1 },
  { figure: 'knn', name: 'Neighbours', unit: '% named', factor: 100, digits: 1 },
  { figure: 'viewAlignment', name: 'Two views', unit: 'distance²', factor: 1, digits: 2 },
  { figure: 'classAlignment', name: 'Two of a class', unit: 'distance²', factor: 1, digits: 2 },
  { figure: 'spread', name: 'Any two', unit: 'distance²', factor: 1, digits: 2 },
  { figure: 'uniformity', name: 'Uniformity', unit: 'log', factor: 1, digits: 2 },
];

export function EmbeddingView({ embedding }: { embedding: Embedding }) {
  const { figures: { source, random }, difference, rows, neighbours, penalty, sentence, dimensions } = embedding;
  const edge = penalty.source?.edge ?? null;
  return (
    <div className={styles.view}>
      <p className={styles.sentence}>{sentence}</p>
      <section aria-labelledby="embedding-figures">
        <Heading id="embedding-figures" title="Read off the features"><CsvButton label="the embedding’s figures" name="embedding-figures" rows={() => figuresCsv(embedding)} /></Heading>
        <div className="number-scroll" tabIndex={0} role="region" aria-label="Figures of the embedding">
          <table className={`number-table ${styles.table}`}>
            <thead><tr><th scope="col">{dimensions} features</th><th scope="col">Source</th><th scope="col">Random</th><th scope="col">Difference</th></tr></thead>
            <tbody>
              {ROWS.map(({ figure, name, unit, factor, digits }) => (
                <tr key={figure}>
                  <th scope="row">{name}<small>{unit}</small></th>
                  <td>{written(source[figure], factor, digits)}</td><td>{written(random[figure], factor, digits)}</td><td>{written(difference[figure], factor, digits, true)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <p className={styles.note}>
          Fitted to {rows.train.toLocaleString('en-GB')} training examples, tested on {rows.test.toLocaleString('en-GB')} held out ({rows.pairs} of them in pairs{rows.views > 0 ? `, ${rows.views} in two views` : ''}); {neighbours} neighbours vote by cosine.
          {penalty.source && ` The probe’s L2 (${settingText(penalty.source.value)}${edge ? `, the ${edge === 'high' ? 'strongest' : 'weakest'} tried` : ''}) was chosen on ${rows.chosen} others.`} ± half the 95% interval over test examples (bootstrap; jackknife for “any two” and uniformity). Features have unit length for all but the probe; a low distance says something only beside that of any two, and uniformity is lower the more of the sphere is used.
        </p>
      </section>
      <EmbeddingMap embedding={embedding} />
    </div>
  );
}

function written(interval: Figures['probe'], factor: number, digits: number, signed = false): string {
  if (!interval) return '–';
  const scaled = { ...interval, mean: factor * interval.mean, ci95: interval.ci95 && [factor * interval.ci95[0], factor * interval.ci95[1]] as [number, number] };
  if (!signed) return plusMinus(scaled, digits);
  const half = halfWidth(scaled);
  return half === null ? signedFixed(scaled.mean, digits) : `${signedFixed(scaled.mean, digits)} ± ${fixed(half, digits)}`;
}

function figuresCsv({ figures, difference }: Embedding): CsvValue[][] {
  const columns = [['source', figures.source], ['random', figures.random], ['difference', difference]] as const;
  return [
    ['figure', ...columns.flatMap(([name]) => [name, `${name}_low`, `${name}_high`])],
    ...ROWS.map(({ figure }): CsvValue[] => [figure, ...columns.flatMap(([, of]) => [of[figure]?.mean ?? null, of[figure]?.ci95?.[0] ?? null, of[figure]?.ci95?.[1] ?? null])]),
  ];
}
