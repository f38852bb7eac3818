/** Classes of pixels with the colours they have in pictures; of a preview, in how many images each occurs. */
import { classColour } from '../../data/class-colours.ts';
import styles from './map-key.module.css';

export function MapKey({ classNames, counts }: { classNames: readonly string[]; counts?: readonly number[] }) {
  return (
    <ul className={styles.key} aria-label="Classes of pixels">
      {classNames.map((name, c) => (
        <li key={name}>
          <span className={styles.swatch} style={{ background: `rgb(${classColour(c, classNames).join(' ')})` }} aria-hidden />
          {name}{counts && <small>in {(counts[c] ?? 0).toLocaleString('en-GB')}</small>}
        </li>
      ))}
    </ul>
  );
}
