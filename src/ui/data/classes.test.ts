import { describe, expect, it } from 'vitest';
import { classesOf, split, toggled } from './classes.ts';

describe('choosing classes', () => {
  it('offers the letters, the digits, or what the data set has', () => {
    expect(classesOf('source', 'glyphs', [], [])).toHaveLength(26);
    expect(classesOf('downstream', 'glyphs', ['a', '1'], [])).toEqual([...'0123456789a']);
    expect(classesOf('source', 'mine', [], [{ name: 'mine', count: 2, height: 1, width: 1, channels: 1, classNames: ['x', 'y'], counts: [1, 1], parts: null, mapped: false }])).toEqual(['x', 'y']);
  });

  it('takes one away from all, puts it back to mean all, and never leaves fewer than two', () => {
    const all = ['a', 'b', 'c'];
    expect(toggled(all, [], 'b')).toEqual(['a', 'c']);
    expect(toggled(all, ['a', 'c'], 'b')).toEqual([]);
    expect(toggled(all, ['a', 'c'], 'a')).toEqual(['a', 'c']);
  });

  it('splits one data set between the roles without a class in both', () => {
    expect(split('downstream', 'mine', ['a', 'b', 'c', 'd'], ['b', 'd'])).toEqual({
      'downstream.data': 'mine', 'downstream.classes': ['b', 'd'], 'source.data': 'mine', 'source.classes': ['a', 'c'],
    });
  });
});
