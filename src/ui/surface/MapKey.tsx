/** What the marks on the maps mean. */
import type { ReactNode } from 'react';
import type { PlanePoint } from '../../experiment/result.ts';
import { ARM_STYLE, markerPath } from '../charts/arms.ts';
import { INK } from '../charts/ink.ts';
import { STAR } from './MapMarks.tsx';

export function MapKey({ points }: { points: readonly PlanePoint[] }) {
  return (
    <div style={{ display: 'flex', flexWrap: 'wrap', gap: '4px 16px', margin: '2px 0 6px' }}>
      {points.map(({ name, arm }) => (
        <Entry key={name} text={arm === null ? 'pre-trained' : `solution: ${ARM_STYLE[arm].label}`}>
          <path d={arm === null ? STAR : markerPath(ARM_STYLE[arm].marker, 5)} fill={arm === null ? INK.page : ARM_STYLE[arm].colour} stroke={arm === null ? INK.text : INK.page} />
        </Entry>
      ))}
      <Entry text="lowest grid point"><circle r={3.2} fill="none" stroke={INK.text} strokeWidth={1.3} /></Entry>
      <Entry text="refined minimum"><path d="M-6,0h12m-6,-6v12" stroke={INK.text} strokeWidth={1.8} /></Entry>
      <Entry text="lowest test NLL"><circle r={7} fill="none" stroke={INK.text} strokeWidth={1.8} strokeDasharray="3 2.3" /></Entry>
    </div>
  );
}

function Entry({ text, children }: { text: string; children: ReactNode }) {
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 6, fontSize: 12, color: INK.text }}>
      <svg width={18} height={18} viewBox="-9 -9 18 18" aria-hidden>{children}</svg>
      <span data-caption>{text}</span>
    </span>
  );
}
