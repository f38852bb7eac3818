import { describe, expect, it } from 'vitest';
import { fixedDomain } from './colour.ts';
import { edgeText, valueText } from './unit.ts';

describe('a map’s values', () => {
  it('are read in their unit', () => {
    expect(valueText(1.6574, 'loss', 'nats')).toBe('1.66');
    expect(valueText(0.8346, 'share', '%')).toBe('83.5%');
    expect([valueText(0.12, 'signed', 'nats'), valueText(-0.12, 'signed', 'nats'), valueText(NaN, 'signed', '%')]).toEqual(['+0.120', '−0.120', '–']);
  });

  it('have edges with enough digits to tell them apart', () => {
    const wide = fixedDomain('share', { low: 0.2, high: 0.9 });
    expect([edgeText(0.2, wide, '%'), edgeText(0.9, wide, '%')]).toEqual(['20%', '90%']);
    const narrow = fixedDomain('share', { low: 0.801, high: 0.806 });
    expect(edgeText(0.801, narrow, '%')).not.toBe(edgeText(0.803, narrow, '%'));
    const signed = fixedDomain('signed', { low: -0.4, high: 0.4 });
    expect([-0.4, 0, 0.4].map((value) => edgeText(value, signed, 'nats'))).toEqual(['−0.40', '0', '+0.40']);
  });
});
