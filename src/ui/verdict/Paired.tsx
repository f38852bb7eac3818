/** A paired difference in a table cell: mean and half width on the decimal point, the verdict below both. */
import type { Interval, Verdict } from '../../experiment/result.ts';
import { fixed, halfWidth, signedFixed } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import styles from './verdict.module.css';
import { VerdictMark } from './words.tsx';

export function Paired({ difference }: { difference: Interval & { verdict: Verdict } }) {
  const half = halfWidth(difference);
  return (
    <span className={styles.difference}>
      <span>{signedFixed(difference.mean, 3)}</span>
      <span style={{ color: INK.muted }}>{half === null ? '' : `± ${fixed(half, 3)}`}</span>
      <span className={styles.verdict}><VerdictMark verdict={difference.verdict} /></span>
    </span>
  );
}
