/** Deleted runs, folded away: each can be taken back for a week, or all go for good to make room. */
import { Button } from '@mantine/core';
import type { RunEntry } from '../../storage/runs/entry.ts';
import { useLab } from '../context.ts';
import { momentWords } from '../run/words.ts';
import styles from './history.module.css';

export function Deleted({ runs }: { runs: readonly RunEntry[] }) {
  const lab = useLab();
  if (runs.length === 0) return null;
  return (
    <details className={styles.deleted}>
      <summary>Deleted ({runs.length})</summary>
      <ul>
        {runs.map(({ id, name, created }) => (
          <li key={id}>
            <span><strong>{name}</strong> {momentWords(created)}</span>
            <Button size="compact-xs" variant="default" aria-label={`Take back ${name}`} onClick={() => void lab.history.restore(id)}>Take back</Button>
          </li>
        ))}
      </ul>
      <p className={styles.quiet}>
        They go for good after a week. <Button size="compact-xs" variant="default" onClick={() => void lab.history.empty()}>Remove them now</Button>
      </p>
    </details>
  );
}
