/** Statistics of the source's and the downstream images beside each other, and in words what differs. */
import { standardisedDifference, STATISTIC_WORDS, STATISTICS } from '../../../data/inspect/statistics.ts';
import type { DataLook } from '../../../experiment/look/look.ts';
import { fixed } from '../../charts/format.ts';
import styles from './look.module.css';

export function ShiftView({ look: { statistics, shift } }: { look: DataLook }) {
  if (!statistics) return <p className={styles.sentence}>{shift}</p>;
  const { source, downstream } = statistics;
  const sized = ({ height, width, channels }: typeof source) => `${height}×${width}, ${channels === 1 ? 'grey' : 'colour'}`;
  return (
    <div>
      <p className={styles.sentence}>{shift}</p>
      <div className="number-scroll" tabIndex={0} role="region" aria-label="Statistics of the images">
        <table className={`number-table ${styles.statistics!}`}>
          <thead><tr><th scope="col">Mean ± SD over images</th><th scope="col">Source</th><th scope="col">Downstream</th><th scope="col">Difference in SD</th></tr></thead>
          <tbody>
            {STATISTICS.map((name) => {
              const [a, b] = [source.spreads[name], downstream.spreads[name]];
              return (
                <tr key={name}>
                  <th scope="row">{STATISTIC_WORDS[name].name}<small>{STATISTIC_WORDS[name].means}</small></th>
                  <td>{fixed(a.mean, 3)} ± {fixed(a.sd, 3)}</td><td>{fixed(b.mean, 3)} ± {fixed(b.sd, 3)}</td><td>{fixed(standardisedDifference(a, b), 1)}</td>
                </tr>
              );
            })}
            <tr><th scope="row">Size</th><td>{sized(source)}</td><td>{sized(downstream)}</td><td /></tr>
            <tr><th scope="row">Images measured</th><td>{source.images.toLocaleString('en-GB')}</td><td>{downstream.images.toLocaleString('en-GB')}</td><td /></tr>
          </tbody>
        </table>
      </div>
      <p className={styles.quiet}>Pixels in 0 to 1, colour averaged; images as they are, before augmentation and before the shift of the settings. The difference is that of the means over the standard deviation of single images: below ½ hardly seen, above 2 two sets that scarcely overlap.</p>
    </div>
  );
}
