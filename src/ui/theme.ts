/** The look of Mantine's parts here: ink on paper, one quiet accent, figures that line up. Colours of the page are in page.css. */
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const ink: MantineColorsTuple = ['#eef3f9', '#d9e4f0', '#b3c9e0', '#8bb0d6', '#5f8dbb', '#3f719f', '#2c5c8a', '#234b72', '#1b3b5b', '#1b2a41'];
const dark: MantineColorsTuple = ['#e4e8ee', '#c3cad4', '#a9b3c0', '#7c8794', '#414a56', '#2f3742', '#232a33', '#1a1f27', '#12161c', '#0c0f13'];

export const theme = createTheme({
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  headings: { fontFamily: "'Inter Variable', system-ui, sans-serif", fontWeight: '600' },
  colors: { ink, dark },
  primaryColor: 'ink',
  primaryShade: { light: 8, dark: 5 },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
});

/** Mantine's quiet greys fall below 4.5:1 on paper; these do not. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: { '--mantine-color-dimmed': 'var(--quiet)', '--mantine-color-placeholder': 'var(--quiet)', '--mantine-color-text': 'var(--ink)', '--mantine-color-body': 'var(--card)', '--mantine-color-default-border': 'var(--edge)' },
  dark: { '--mantine-color-dimmed': 'var(--quiet)', '--mantine-color-placeholder': 'var(--quiet)', '--mantine-color-text': 'var(--ink)', '--mantine-color-body': 'var(--card)', '--mantine-color-default-border': 'var(--edge)' },
});
