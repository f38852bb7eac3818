/** A paired difference in a table cell: mean and half width on the decimal point, below both the verdict and the p it goes by. */
import type { JudgedDifference } from '../../experiment/result.ts';
import { fixed, halfWidth, pText, signedFixed } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import styles from './verdict.module.css';
import { VerdictMark } from './words.tsx';

export function Paired({ difference }: { difference: JudgedDifference }) {
  const half = halfWidth(difference);
  return (
    <span className={styles.difference}>
      <span>{signedFixed(difference.mean, 3)}</span>
      <span style={{ color: INK.muted }}>{half === null ? '' : `± ${fixed(half, 3)}`}</span>
      <span className={styles.verdict}><VerdictMark verdict={difference.verdict} />{difference.holm !== null && <small title={`Over ${difference.seeds} seeds; adjusted for all differences of the table (Holm). By itself: ${pText(difference.p)}`}>{pText(difference.holm)}</small>}</span>
    </span>
  );
}
