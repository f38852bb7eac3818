import { describe, expect, it } from 'vitest';
import { QUESTIONS, type Situation } from './questions.ts';

const set = (name: string, classNames: string[], side = 28) => ({ name, count: 10, height: side, width: side, channels: 1, classNames, counts: [], parts: null, mapped: false });
const at = (datasets: Situation['datasets'], downstream = 'glyphs'): Situation => ({ datasets, chosen: { source: 'glyphs', downstream } });
const ask = (id: string, situation: Situation) => QUESTIONS.find((one) => one.id === id)!.ask(situation);

describe('questions to try', () => {
  it('goes back to what the lab opens on', () => {
    expect(ask('handwriting', at([set('mine', ['a', 'b'])], 'mine'))).toMatchObject({ kind: 'settings', edits: { 'source.data': 'glyphs', 'downstream.data': 'glyphs', 'downstream.classes': [] } });
  });

  it('splits the data in use into halves without a class in both, and says when there are none', () => {
    const sets = [set('first', ['1', '2', '3', '4']), set('second', ['a', 'b', 'c', 'd', 'e'])];
    expect(ask('halves', at(sets, 'second'))).toEqual({
      kind: 'settings', edits: { 'source.data': 'second', 'source.classes': ['a', 'b', 'c'], 'downstream.data': 'second', 'downstream.classes': ['d', 'e'] },
    });
    expect(ask('halves', at([set('small', ['a', 'b', 'c'])]))).toMatchObject({ kind: 'missing', sentence: expect.stringMatching(/four classes/) as string });
  });

  it('tells letters from digits by their names', () => {
    const emnist = set('emnist', ['0', '1', '7', 'A', 'b', 'other']);
    expect(ask('letters-digits', at([set('first', ['1', '2', '3']), emnist]))).toMatchObject({ edits: { 'source.data': 'emnist', 'source.classes': ['A', 'b'], 'downstream.classes': ['0', '1', '7'] } });
    expect(ask('letters-digits', at([])).kind).toBe('missing');
  });

  it('takes data in use that fit the glyphs, and asks for files otherwise', () => {
    expect(ask('own', at([set('mine', ['a', 'b'])], 'mine'))).toMatchObject({ kind: 'settings', edits: { 'source.data': 'glyphs', 'downstream.data': 'mine' } });
    expect(ask('own', at([set('mine', ['a', 'b'], 32)], 'mine'))).toMatchObject({ kind: 'import', role: 'downstream' });
    expect(ask('own', at([]))).toMatchObject({ kind: 'import', role: 'downstream' });
  });
});
