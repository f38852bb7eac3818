import { describe, expect, it } from 'vitest';
import { defaults, parseConfig } from '../experiment/config/config.ts';
import { readLink, writeLink } from './link.ts';

describe('link', () => {
  it('says nothing but the preset when nothing differs', () => {
    expect(writeLink('quick', defaults('quick'))).toBe('#preset=quick');
    expect(readLink('')).toEqual({ preset: 'quick', config: defaults('quick'), view: null });
  });

  it('carries every kind of setting there and back', () => {
    const { config } = parseConfig({
      preset: 'smoke', name: 'Café & friends, 50%', 'downstream.n': 50, 'source.learningRate': 0.05, arms: ['none', 'l2-sp'],
      'grid.scales': [10, 1e5], 'source.classes': ['A', 'B,C', 'ö&'], 'downstream.shift': 'clutter',
    });
    const hash = writeLink('smoke', config);
    expect(hash).toContain('downstream.n=50');
    expect(hash).toContain('arms=none,l2-sp');
    expect(readLink(hash)).toEqual({ preset: 'smoke', config, view: null });
  });

  it('carries what the surface panel shows beside the settings', () => {
    const view = '{"seed":2,"plane":{"kind":"trajectory","arm":"none"}}';
    const hash = writeLink('smoke', defaults('smoke'), view);
    expect(readLink(hash)).toEqual({ preset: 'smoke', config: defaults('smoke'), view });
  });

  it('refuses what does not exist or does not fit, by name', () => {
    expect(() => readLink('#preset=huge')).toThrow(/preset "huge"/);
    expect(() => readLink('#downstream.m=5')).toThrow(/downstream\.m/);
    expect(() => readLink('#downstream.n=many')).toThrow(/downstream\.n.*many/);
    expect(() => readLink('#name=%E0%A4%A')).not.toThrow(URIError);
  });
});
