/** What the Recharts plots share: tick and title styles, and the card that a tooltip is. */
import type { ReactNode } from 'react';
import { INK, TYPE } from './ink.ts';

export const TICK = { fontSize: TYPE.tick, fill: INK.muted } as const;

/** Title of a vertical axis. */
export function yTitle(value: string) {
  return { value, angle: -90, position: 'insideLeft', offset: 4, style: { textAnchor: 'middle', fontSize: TYPE.label, fill: INK.text } } as const;
}

export function xTitle(value: string) {
  return { value, position: 'insideBottom', offset: -12, style: { textAnchor: 'middle', fontSize: TYPE.label, fill: INK.text } } as const;
}

export function TooltipCard({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div
      style={{
        background: INK.page, color: INK.text, border: `1px solid ${INK.axis}`, borderRadius: 6, padding: '6px 10px', fontSize: 12,
        fontVariantNumeric: 'tabular-nums', boxShadow: '0 2px 8px rgb(0 0 0 / 0.15)',
      }}
    >
      <div style={{ fontWeight: 600, marginBottom: 2 }}>{title}</div>
      {children}
    </div>
  );
}
