/** A plain mark by word and icon: fine, look, fails. */
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { fixed } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import type { Mark, Reading } from './chains.ts';
import styles from './inference.module.css';

const LOOK = 'light-dark(#8a4b00, #f0b35c)';
const FAILS = 'light-dark(#a1261b, #ff9b8f)';

export function MarkWord({ mark }: { mark: Mark }) {
  const props = { size: 14, stroke: 1.9, 'aria-hidden': true, style: { flex: 'none' } } as const;
  switch (mark) {
    case 'fine': return <span className={styles.mark} style={{ color: INK.better }}><IconCircleCheck {...props} />fine</span>;
    case 'look': return <span className={styles.mark} style={{ color: LOOK, fontWeight: 600 }}><IconAlertTriangle {...props} />look</span>;
    case 'fails': return <span className={styles.mark} style={{ color: FAILS, fontWeight: 600 }}><IconCircleX {...props} />fails</span>;
    case 'none': return null;
    default: throw new TypeError(`No word for ${mark satisfies never}.`);
  }
}

/** A value beside its mark. */
export function MarkedReading({ reading: { value, mark, silent }, digits, percent = false }: { reading: Reading; digits: number; percent?: boolean }) {
  const text = value === Infinity ? '∞' : Number.isNaN(value) && silent > 0 && mark !== 'none' ? 'no answer' : fixed(percent ? 100 * value : value, digits);
  return (
    <span className={styles.reading}>
      <span><span>{text}{percent && Number.isFinite(value) ? '%' : ''}</span><MarkWord mark={mark} /></span>
      {silent > 0 && Number.isFinite(value) && <small>{silent} without an answer</small>}
    </span>
  );
}
