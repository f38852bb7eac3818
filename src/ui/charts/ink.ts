/** The inks of every chart: CSS colours that follow the page's colour scheme. Text has at least 4.5:1 on the page, lines 3:1. */

export const INK = {
  text: 'light-dark(#212529, #eceff1)',
  muted: 'light-dark(#59616a, #a9b1b9)',
  axis: 'light-dark(#8d959d, #6f777f)',
  grid: 'light-dark(#eceef0, #34383c)',
  shade: 'light-dark(#f1f3f5, #2f3337)',
  page: 'var(--mantine-color-body, light-dark(#ffffff, #242424))',
  better: 'light-dark(#0b7261, #3fc9b0)',
  worse: 'light-dark(#b3420a, #ff9d66)',
} as const;

/** Sizes of text inside a picture, px. */
export const TYPE = { tick: 11, label: 12 } as const;
