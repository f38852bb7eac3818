import { expect, it } from 'vitest';
import { fileName, percent, scientific } from './figures.ts';

it('writes shares, powers of ten and file names', () => {
  expect(percent(0.9338)).toBe('93.4%');
  expect([5.5e-5, 0, 1234, -2e-3].map(scientific)).toEqual(['5.5×10⁻⁵', '0', '1.2×10³', '−2.0×10⁻³']);
  expect(['Noisy scans', 'Café / №1 ', '日本'].map(fileName)).toEqual(['noisy-scans', 'cafe-no1', 'priorscape']);
});
