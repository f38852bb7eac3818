/** The alignment gap over seeds, a row a prior, with its differences to the training loss alone and to L2-SP: on one cut, or on all. */
import { SegmentedControl } from '@mantine/core';
import { memo, useId, useState } from 'react';
import type { AlignmentGap, Interval } from '../../experiment/result.ts';
import type { Family } from '../../prior/prior.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { fixed, halfWidth, settingText, signedFixed } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import { ArmKey } from '../charts/marks.tsx';
import { VerdictMark } from '../verdict/words.tsx';
import { cutTitle } from './cut.ts';
import styles from './evidence.module.css';
import type { PriorSetting } from './objective.ts';

interface GapTableProps {
  /** Of every cut. */
  gaps: readonly AlignmentGap[];
  /** The cut shown; null where it is one without gaps: all cuts are listed then. */
  cut: string | null;
  /** The selected prior as the controls stand; a null setting says that they stand where tuning put them. */
  live: { gap: AlignmentGap; setting: PriorSetting | null } | null;
}

type Extent = 'this' | 'all';

export function GapTable({ gaps, cut, live }: GapTableProps) {
  const id = useId();
  const [wanted, setExtent] = useState<Extent>('this');
  const extent = cut === null ? 'all' : wanted;
  const cuts = [...new Set(gaps.map((gap) => gap.cut))];
  const shown = extent === 'all' ? gaps : gaps.filter((gap) => gap.cut === cut);
  const own = live && extent === 'this' ? live : null;
  const seeds = Math.max(0, ...shown.map((gap) => gap.gap.seeds));
  const boundary = [...shown, ...(own ? [own.gap] : [])].some((gap) => gap.atBoundary > 0);
  return (
    <div>
      <div className={styles.head}>
        <p className={styles.title} id={id}>Alignment gap {extent === 'all' ? 'on every cut' : `on the cut ${cut}`}, over {seeds} seed{seeds === 1 ? '' : 's'}, every prior at its tuned λ</p>
        {cut !== null && (
          <SegmentedControl size="xs" value={extent} onChange={(value) => setExtent(value === 'all' ? 'all' : 'this')} aria-label="Cuts in the table" data={[{ value: 'this', label: 'This cut' }, { value: 'all', label: `All ${cuts.length} cuts` }]} />
        )}
      </div>
      <div className={styles.scroll} tabIndex={0} role="region" aria-labelledby={id}>
        <table className={styles.table} aria-labelledby={id}>
          <thead>
            <tr>
              <th scope="col" className={styles.name}>Prior in the objective</th>
              <th scope="colgroup" colSpan={2}>Gap<small>parameter units</small></th>
              <th scope="colgroup" colSpan={2}>Gap ÷ length</th>
              <th scope="colgroup" colSpan={2}>Test cost<small>nats</small></th>
              <th scope="col">Δ gap to train alone<small>paired, below 0 is better</small></th>
              <th scope="col">Δ gap to L2-SP<small>paired, below 0 is better</small></th>
            </tr>
          </thead>
          {extent === 'all'
            ? cuts.map((one) => (
              <tbody key={one}>
                <tr className={styles.group}><th scope="rowgroup" colSpan={9}><span>{cutTitle(one)}</span></th></tr>
                {gaps.filter((gap) => gap.cut === one).map((gap) => <Row key={gap.prior ?? 'none'} label={nameOf(gap.prior)} gap={gap} />)}
              </tbody>
            ))
            : (
              <tbody>
                {shown.map((gap) => <Row key={gap.prior ?? 'none'} label={nameOf(gap.prior)} gap={gap} />)}
                {own && <Row label={`${nameOf(own.gap.prior)}, ${settingWords(own.setting)}`} gap={own.gap} live />}
                {shown.length === 0 && !own && <tr><th scope="row" className={styles.name}>–</th><td colSpan={8} className={styles.half}>no gap is computed on this cut yet</td></tr>}
              </tbody>
            )}
        </table>
      </div>
      <p className={styles.note}>
        Gap: from the objective’s minimiser to that of the test NLL. Test cost: what the test NLL at the objective’s minimiser exceeds its lowest by. Mean ± half the 95% t interval; Δ is taken seed by seed, and verdicts hold for all differences of a cut together (Holm).
        {boundary && ' ≥: on some seed a minimiser lay on the boundary of the cut, so its gap and what is compared with it are lower bounds.'}
        {own && ' Shaded: the prior as the controls stand, L2-SP under the same controls.'}
      </p>
    </div>
  );
}

function nameOf(prior: Family | null): string {
  return prior ? ARM_STYLE[prior].label : 'None (train NLL)';
}

/** `λ × 0.1, ε = 10⁻⁴, K = 3`. */
function settingWords(setting: PriorSetting | null): string {
  if (setting === null) return 'as tuned';
  const { factor, floor, rank } = setting;
  return [`λ\u00a0×\u00a0${settingText(factor)}`, ...(floor > 0 ? [`ε\u00a0=\u00a0${settingText(floor)}`] : []), ...(rank === null ? [] : [`K\u00a0=\u00a0${rank}`])].join(', ');
}

const Row = memo(function Row({ label, gap, live = false }: { label: string; gap: AlignmentGap; live?: boolean }) {
  const lead = gap.atBoundary > 0 ? '≥ ' : '';
  return (
    <tr className={live ? styles.live : ''}>
      <th scope="row" className={styles.name}><span>{gap.prior ? <ArmKey arm={gap.prior} line={false} /> : <i style={{ width: 14, flex: 'none' }} />}{label}</span></th>
      {gap.gap.seeds === 0
        ? <td colSpan={8} className={styles.half}>no finite loss on any seed</td>
        : (
          <>
            <Value value={gap.gap} digits={3} lead={lead} /><Value value={gap.relative} digits={3} lead={lead} /><Value value={gap.testCost} digits={3} lead="" />
            <Difference value={gap.versusTrain} self={gap.prior === null} /><Difference value={gap.versusL2sp} self={gap.prior === 'l2-sp'} />
          </>
        )}
    </tr>
  );
});

function Value({ value, digits, lead }: { value: Interval; digits: number; lead: string }) {
  const half = halfWidth(value);
  return (
    <>
      <td className={styles.mean}>{lead}{fixed(value.mean, digits)}</td>
      <td className={styles.half}>{half === null ? '' : `± ${fixed(half, digits)}`}</td>
    </>
  );
}

function Difference({ value, self }: { value: AlignmentGap['versusTrain']; self: boolean }) {
  if (!value) return <td style={{ textAlign: 'center', color: INK.muted }}>{self ? 'reference' : '–'}</td>;
  const half = halfWidth(value);
  return (
    <td>
      <span className={styles.difference}>
        <span>{signedFixed(value.mean, 3)}{half !== null && <span style={{ color: INK.muted }}> ± {fixed(half, 3)}</span>}</span>
        <VerdictMark verdict={value.verdict} />
      </span>
    </td>
  );
}
