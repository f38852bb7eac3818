/** What the marks on the maps mean; of a point that lies outside them, that it does. */
import type { ReactNode } from 'react';
import type { PlanePoint } from '../../experiment/result.ts';
import { ARM_STYLE, markerPath } from '../charts/arms.ts';
import { INK } from '../charts/ink.ts';
import { isOnMap, pointPath } from './MapMarks.tsx';

interface MapKeyProps {
  points: readonly PlanePoint[];
  /** The maps' axes; without them every point is taken to lie on the maps. */
  a?: readonly number[];
  b?: readonly number[];
  /** What else is drawn. */
  ghost?: boolean;
  trails?: boolean;
  samples?: boolean;
  ellipses?: boolean;
  link?: boolean;
  picked?: boolean;
}

export function MapKey({ points, a, b, ghost = false, trails = false, samples = false, ellipses = false, link = false, picked = false }: MapKeyProps) {
  const outside = (point: PlanePoint) => a !== undefined && b !== undefined && !isOnMap(point, [a[0]!, a.at(-1)!], [b[0]!, b.at(-1)!], 0.01);
  return (
    <div style={{ display: 'flex', flexWrap: 'wrap', gap: '4px 16px', margin: '2px 0 6px' }}>
      {points.map((point) => (
        <Entry key={point.name} text={`${point.arm === null ? point.name : `solution: ${ARM_STYLE[point.arm].label}`}${outside(point) ? ' (outside the map)' : ''}`}>
          <path d={pointPath(point, 5)} fill={point.arm === null ? INK.page : ARM_STYLE[point.arm].hex.light} stroke={point.arm === null ? INK.text : '#ffffff'} strokeWidth={1.4} />
        </Entry>
      ))}
      <Entry text="lowest grid point"><circle r={3.2} fill="none" stroke={INK.text} strokeWidth={1.3} /></Entry>
      <Entry text="refined minimum"><path d="M-6,0h12m-6,-6v12" stroke={INK.text} strokeWidth={1.8} /></Entry>
      <Entry text="lowest test NLL"><circle r={7} fill="none" stroke={INK.text} strokeWidth={1.8} strokeDasharray="3 2.3" /></Entry>
      {link && <Entry text="gap to it"><path d="M-8,0h16" stroke={INK.text} strokeWidth={1.4} /></Entry>}
      {ghost && <Entry text="before the change"><path d="M-8,3q8,-8 16,0" fill="none" stroke={INK.text} strokeWidth={1.1} strokeDasharray="4 3" /></Entry>}
      {ghost && <Entry text="its minimum"><path d={markerPath('plus', 6)} fill="none" stroke={INK.text} strokeWidth={1} /></Entry>}
      {trails && <Entry text="training, from the start"><path d="M-8,4L-1,-2L8,-4" fill="none" stroke={INK.text} strokeWidth={1.8} /><circle cx={-1} cy={-2} r={2.4} fill={INK.text} /></Entry>}
      {samples && <Entry text="posterior samples, small marks"><path d={markerPath('circle', 3)} fill={INK.text} stroke={INK.page} /></Entry>}
      {ellipses && <Entry text="prior, 1σ and 2σ on this plane"><ellipse rx={8} ry={5} fill="none" stroke={INK.text} strokeWidth={1.6} strokeDasharray="5 3" /></Entry>}
      {picked && <Entry text="inspected"><path d="M-7,-3V-7H-3M3,-7H7V-3M7,3V7H3M-3,7H-7V3" fill="none" stroke={INK.text} strokeWidth={1.6} /></Entry>}
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
