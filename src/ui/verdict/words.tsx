/** A verdict told by a word and an icon, coloured besides. */
import { IconCircleCheck, IconCircleX, IconEqual, IconHelpCircle } from '@tabler/icons-react';
import type { Verdict } from '../../experiment/result.ts';
import { INK } from '../charts/ink.ts';

export function verdictInk(verdict: Verdict): string {
  return verdict === 'better' ? INK.better : verdict === 'worse' ? INK.worse : INK.muted;
}

export function VerdictMark({ verdict }: { verdict: Verdict }) {
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 4, color: verdictInk(verdict), fontWeight: verdict === 'better' || verdict === 'worse' ? 600 : 400, lineHeight: 1.2 }}>
      <VerdictIcon verdict={verdict} />
      {verdict}
    </span>
  );
}

function VerdictIcon({ verdict }: { verdict: Verdict }) {
  const props = { size: 15, stroke: 1.9, 'aria-hidden': true, style: { flex: 'none' } } as const;
  switch (verdict) {
    case 'better': return <IconCircleCheck {...props} />;
    case 'worse': return <IconCircleX {...props} />;
    case 'no detectable difference': return <IconEqual {...props} />;
    case 'too few seeds': return <IconHelpCircle {...props} />;
    default: throw new TypeError(`No icon for ${verdict satisfies never}.`);
  }
}
