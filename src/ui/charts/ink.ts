/** The inks of every chart, which follow the page's colour scheme (ink.css). Text has at least 4.5:1 on the page, marks 3:1. */
import './ink.css';

export const INK = {
  text: 'var(--ink-text)',
  muted: 'var(--ink-muted)',
  axis: 'var(--ink-axis)',
  grid: 'var(--ink-grid)',
  shade: 'var(--ink-shade)',
  page: 'var(--ink-page)',
  better: 'var(--ink-better)',
  worse: 'var(--ink-worse)',
} as const;

/** Sizes of text inside a picture, px. */
export const TYPE = { tick: 11, label: 12 } as const;
