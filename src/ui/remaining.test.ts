import { describe, expect, it } from 'vitest';
import { defaults } from '../experiment/config/config.ts';
import { emptyPicture, reduce } from './reduce.ts';
import { duration, secondsLeft, workOf } from './remaining.ts';

describe('remaining', () => {
  it('writes durations', () => {
    expect([0.2, 40, 59.4, 59.6, 130, 3599, 3900].map(duration)).toEqual(['1 s', '40 s', '59 s', '1:00 min', '2:10 min', '59:59 min', '1:05 h']);
  });

  it('adds the stages to come at the pace of the one under way', () => {
    const work = workOf(defaults('quick'), 2);
    let picture = reduce(emptyPicture(), { kind: 'stage', stage: 'downstream', state: 'running', reused: false });
    expect(secondsLeft(picture, work)).toBeNull();
    picture = reduce(picture, { kind: 'progress', stage: 'downstream', done: 50, total: 100, secondsLeft: 10, label: '' });
    expect(secondsLeft(picture, work)).toBeCloseTo(10 * (1 + work.surface / (work.downstream / 2)), 6);
  });

  it('counts more workers for chains only', () => {
    const [one, four] = [workOf(defaults(), 1), workOf(defaults(), 4)];
    expect(four.source).toBe(one.source);
    expect(four.downstream).toBeCloseTo(one.downstream / 4, 6);
    const basins = (workers: number) => workOf({ ...defaults(), 'posterior.basins': 4, 'posterior.basinStart': 'independent' }, workers).source;
    expect(basins(1)).toBe(4 * one.source);
    expect(basins(2)).toBe(2 * one.source);
  });

  it('counts the extra runs of one λ a layer', () => {
    const of = (scaling: 'single' | 'validation' | 'evidence') => workOf({ ...defaults(), 'prior.scaling': scaling }, 1).verdict;
    expect(of('single')).toBe(0);
    // Six runs a network of three layers against three refits and their curvature.
    const ratio = of('validation') / of('evidence');
    expect(ratio).toBeGreaterThan(1.5);
    expect(ratio).toBeLessThan(2);
    const layers = (architecture: 'mlp' | 'resnet-8') => workOf({ ...defaults(), 'model.architecture': architecture, 'prior.scaling': 'validation' }, 1).verdict / of('validation');
    expect(layers('mlp')).toBeCloseTo(1, 9);
    // A stem, two convolutions in each of three blocks, two projections.
    expect(layers('resnet-8')).toBeCloseTo(9 / 3, 9);
  });
});
