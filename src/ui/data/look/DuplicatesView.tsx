/** Near-duplicates on both sides of a split, the closest side by side. */
import type { Leakage } from '../../../data/inspect/leakage.ts';
import { useLab } from '../../context.ts';
import { fixed } from '../../charts/format.ts';
import type { Role } from '../../store.ts';
import { TileCanvas } from '../TileCanvas.tsx';
import { tileAt } from '../tiles.ts';
import styles from './look.module.css';
import { Told } from './Told.tsx';
import { useAnswer } from './useAnswer.ts';

export function DuplicatesView({ role, identity, tile }: { role: Role; identity: string; tile: { height: number; width: number } }) {
  const lab = useLab();
  const answer = useAnswer(`duplicates ${identity}`, () => lab.looking.duplicates(role));
  return <Told answer={answer} waiting="Comparing images…">{(found) => <Found found={found} tile={tile} />}</Told>;
}

function Found({ found, tile }: { found: Leakage; tile: { height: number; width: number } }) {
  const { sentence, measure, count, pairs, firsts, seconds } = found;
  return (
    <div>
      <p className={count > 0 ? styles.warning : styles.sentence} role="status">{sentence}</p>
      {firsts && seconds && (
        <ol className={styles.pairs} aria-label="The closest pairs">
          {pairs.map(({ difference, first, second }, i) => (
            <li key={i}>
              <TileCanvas pixels={tileAt(firsts, tile, 0, i)} className={styles.photo!} />
              <TileCanvas pixels={tileAt(seconds, tile, 0, i)} className={styles.photo!} />
              <span>{first === second ? first : `${first} | ${second}`}<small>{difference === 0 ? 'the same' : `differ by ${fixed(255 * difference, 1)} levels`}</small></span>
            </li>
          ))}
        </ol>
      )}
      <p className={styles.quiet}>{measure}{count > pairs.length ? ` The ${pairs.length} closest are shown.` : ''}</p>
    </div>
  );
}
