/** A posterior merged from several basins: each basin's mean on the source beside the merged mean, and how far apart they lie. */
import type { PosteriorSummary } from '../../posterior/posterior.ts';
import { fixed } from '../charts/format.ts';
import { useSlice } from '../context.ts';
import { basinRows } from './basins.ts';
import '../charts/table.css';
import styles from './basins.module.css';

export function BasinTable({ summary }: { summary: PosteriorSummary | null }) {
  const imported = useSlice((state) => state.imported !== null);
  const planned = useSlice((state) => (state.shown ?? state.settings).config['posterior.basins']);
  const count = summary ? (summary.basins?.accuracy.length ?? 1) : imported ? 1 : planned;
  if (count < 2) return null;
  return (
    <div className="number-scroll" tabIndex={0} role="region" aria-label="Basins">
      <table className={`number-table ${styles.table}`}>
        <thead>
          <tr><th scope="col">Mean of</th><th scope="col">Accuracy<small>source, %</small></th><th scope="col">NLL<small>nats</small></th><th scope="col">To the others<small>parameter units</small></th></tr>
        </thead>
        <tbody>
          {basinRows(summary, count).map(({ name, accuracy, nll, distance, merged }) => (
            <tr key={name} className={merged ? styles.merged : undefined}>
              <th scope="row">{name}</th>
              <td>{figure(accuracy === null ? null : 100 * accuracy, 1)}</td>
              <td>{figure(nll, 3)}</td>
              <td>{distance === null ? '–' : distance.low === distance.high ? fixed(distance.low, 2) : `${fixed(distance.low, 2)} to ${fixed(distance.high, 2)}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function figure(value: number | null, digits: number): string {
  return value === null ? '–' : fixed(value, digits);
}
