/** The alignment gap on one cut, a row a prior, over seeds: computed at each prior's tuned λ, and live at the slider's. */
import { useId } from 'react';
import type { AlignmentGap, Interval } from '../../experiment/result.ts';
import type { Family } from '../../prior/prior.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { fixed, halfWidth, settingText } from '../charts/format.ts';
import { ArmKey } from '../charts/marks.tsx';
import type { LiveGap } from './objective.ts';
import styles from './surface.module.css';

interface GapTableProps {
  gaps: readonly AlignmentGap[];
  live: { family: Family; scale: number; gap: LiveGap } | null;
}

export function GapTable({ gaps, live }: GapTableProps) {
  const id = useId();
  const boundary = gaps.some((gap) => gap.atBoundary > 0) || (live?.gap.atBoundary ?? 0) > 0;
  return (
    <div>
      <p className={styles.title} id={id}>Alignment gap on this cut, over {gaps[0]?.gap.seeds ?? 0} seed{gaps[0]?.gap.seeds === 1 ? '' : 's'}, every prior at its tuned λ</p>
      <div className={styles.scroll} tabIndex={0} role="region" aria-labelledby={id}>
        <table className={styles.gaps} aria-labelledby={id}>
          <thead>
            <tr>
              <th scope="col" className={styles.name}>Prior in the objective</th>
              <th scope="colgroup" colSpan={2}>Gap<small>parameter units</small></th>
              <th scope="colgroup" colSpan={2}>Gap ÷ length</th>
              <th scope="colgroup" colSpan={2}>Test cost<small>nats</small></th>
            </tr>
          </thead>
          <tbody>
            {gaps.map((gap) => <Row key={gap.prior ?? 'none'} prior={gap.prior} label={gap.prior ? ARM_STYLE[gap.prior].label : 'none (train NLL)'} gap={gap} />)}
            {live && <Row prior={live.family} label={`${ARM_STYLE[live.family].label}, λ = ${settingText(live.scale)} (slider)`} gap={live.gap} live />}
          </tbody>
        </table>
      </div>
      <p className={styles.note}>
        Gap: from the objective’s minimiser to that of the test NLL. Test cost: what the test NLL at the objective’s minimiser exceeds its lowest by. Mean ± half the 95% t interval.
        {boundary && ' ≥: on some seed a minimiser lay on the boundary of the cut.'}
      </p>
    </div>
  );
}

function Row({ prior, label, gap, live = false }: { prior: Family | null; label: string; gap: LiveGap; live?: boolean }) {
  const lead = gap.atBoundary > 0 ? '≥ ' : '';
  return (
    <tr className={live ? styles.live : ''}>
      <th scope="row" className={styles.name}><span>{prior ? <ArmKey arm={prior} line={false} /> : <i style={{ width: 14 }} />}{label}</span></th>
      {gap.gap.seeds === 0
        ? <td colSpan={6} className={styles.half}>no finite loss on any seed</td>
        : <><Value value={gap.gap} digits={2} lead={lead} /><Value value={gap.relative} digits={3} lead={lead} /><Value value={gap.testCost} digits={3} lead="" /></>}
    </tr>
  );
}

function Value({ value, digits, lead }: { value: Interval; digits: number; lead: string }) {
  const half = halfWidth(value);
  return (
    <>
      <td className={styles.mean}>{lead}{fixed(value.mean, digits)}</td>
      <td className={styles.half}>{half === null ? '' : `± ${fixed(half, digits)}`}</td>
    </>
  );
}
