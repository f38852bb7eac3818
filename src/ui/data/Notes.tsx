/** What was left out or decided when data were read, with the names of some of the files. */
import type { Note } from '../../data/import/contract.ts';
import styles from './import.module.css';

export function Notes({ notes }: { notes: readonly Note[] }) {
  if (notes.length === 0) return null;
  return (
    <ul className={styles.notes}>
      {notes.map(({ text, count, examples }) => (
        <li key={text}>{text}{examples.length > 0 && <span className={styles.examples}>{examples.join(', ')}{count > examples.length ? ` and ${(count - examples.length).toLocaleString('en-GB')} more` : ''}</span>}</li>
      ))}
    </ul>
  );
}
