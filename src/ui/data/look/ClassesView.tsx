/** Every class in a line: its mean image, where its images differ, and how many there are. */
import { useMemo } from 'react';
import type { DataLook } from '../../../experiment/look/look.ts';
import { TileCanvas } from '../TileCanvas.tsx';
import { tileAt } from '../tiles.ts';
import styles from './look.module.css';

export function ClassesView({ look }: { look: DataLook }) {
  const { classes, classNames, counts, trainCounts } = look;
  const tiles = useMemo(() => classes.counts.map((_, i) => [tileAt(classes.mean, look, 0, i), tileAt(classes.deviation, look, 0, i)] as const), [classes, look]);
  const most = Math.max(1, ...counts);
  return (
    <div>
      <p className={styles.sentence}>{look.balance}</p>
      <div className={`number-scroll ${styles.tall!}`} tabIndex={0} role="region" aria-label="Classes">
        <table className={`number-table ${styles.classes!}`}>
          <thead><tr><th scope="col">Class</th><th scope="col">Mean</th><th scope="col">Spread</th><th scope="col" className={styles.wide}>Images</th><th scope="col" className={styles.last}>To learn from</th></tr></thead>
          <tbody>
            {classNames.map((name, i) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {[0, 1].map((which) => <td key={which}>{tiles[i] ? <TileCanvas pixels={tiles[i][which as 0 | 1]} className={styles.face!} /> : '–'}</td>)}
                <td className={styles.wide}><span className={styles.bar} style={{ width: `${(72 * counts[i]!) / most}%` }} /><span>{counts[i]!.toLocaleString('en-GB')}</span></td>
                <td>{trainCounts[i]!.toLocaleString('en-GB')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles.quiet}>
        Mean: the average of all images of the class. Spread: the standard deviation of each pixel, drawn twice as bright; bright where images of the class differ. To learn from: what training draws on, of downstream data under the first seed.
        {classNames.length > tiles.length && ` Images are drawn for the first ${tiles.length} classes.`}
      </p>
    </div>
  );
}
