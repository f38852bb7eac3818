import { describe, expect, it } from 'vitest';
import type { LabEvent } from '../experiment/events.ts';
import { type Stage, STAGES } from '../experiment/config/settings.ts';
import { drewAnew, emptyPicture, isWhole, type Picture, reduce, stopped } from './reduce.ts';

const running = (stage: Stage): LabEvent => ({ kind: 'stage', stage, state: 'running', reused: false });
const done = (stage: Stage, reused = false): LabEvent => ({ kind: 'stage', stage, state: 'done', reused });
const point = (step: number): LabEvent => ({ kind: 'source', point: { step, nll: 1 / step, accuracy: 0.5, learningRate: 0.1, snapshots: 0 } });
const racing = (step: number): LabEvent => ({ kind: 'race', point: { step, arms: [] }, steps: 100 });
const drawn = (events: LabEvent[], from: Picture = emptyPicture()) => events.reduce(reduce, from);

const WHOLE: LabEvent[] = [
  running('source'), point(10), point(20), { kind: 'sentence', stage: 'source', text: 'Learned.' }, done('source'),
  running('posterior'), done('posterior'),
  running('downstream'), racing(10), racing(20), { kind: 'arms', arms: [], summaries: [], comparisons: [], segmentation: null }, done('downstream'),
  running('surface'), { kind: 'lines', lines: [], alignmentGap: [], directionTest: null }, done('surface'),
  running('inference'), { kind: 'inference', inference: null }, done('inference'),
  running('verdict'), done('verdict'),
];

describe('reduce', () => {
  it('collects points, sentences and states', () => {
    const picture = drawn(WHOLE);
    expect(picture.source.map((one) => one.step)).toEqual([10, 20]);
    expect(picture.stages.source).toEqual({ state: 'done', reused: false, progress: null, sentence: 'Learned.' });
    expect(picture.raceSteps).toBe(100);
    expect(isWhole(picture)).toBe(true);
    expect(isWhole(drawn(WHOLE.slice(0, -1)))).toBe(false);
  });

  it('draws a reused stage once, not twice', () => {
    const picture = drawn([point(10), point(20), done('source', true), racing(10), racing(20), done('downstream', true)], drawn(WHOLE));
    expect(picture.source.map((one) => one.step)).toEqual([10, 20]);
    expect(picture.race.map((one) => one.step)).toEqual([10, 20]);
    expect(picture.stages.source.reused).toBe(true);
  });

  it('a stage that begins again clears itself and what follows, and nothing before it', () => {
    const picture = reduce(drawn(WHOLE), running('downstream'));
    expect(picture.race).toEqual([]);
    expect(picture.source).toHaveLength(2);
    expect(STAGES.map((stage) => picture.stages[stage].state)).toEqual(['done', 'done', 'running', 'waiting', 'waiting', 'waiting']);
    expect(picture.stages.source.sentence).toBe('Learned.');
  });

  it('keeps what is drawn when a run stops, and lets the stage wait', () => {
    const picture = stopped(drawn([...WHOLE.slice(0, 9), { kind: 'progress', stage: 'downstream', done: 1, total: 9, secondsLeft: 8, label: 'Racing' }]));
    expect(picture.race).toHaveLength(1);
    expect(picture.stages.downstream).toEqual({ state: 'waiting', reused: false, progress: null, sentence: null });
    expect(picture.stages.source.state).toBe('done');
  });

  it('knows a run that ended before it drew anything of its own', () => {
    const replayed = [point(10), done('source', true), done('posterior', true)];
    expect(drewAnew([...replayed, running('downstream')])).toBe(false);
    expect(drewAnew([...replayed, running('downstream'), racing(0)])).toBe(true);
  });

  it('does not touch the picture it was given', () => {
    const before = drawn(WHOLE);
    const copy = structuredClone(before);
    drawn([running('source'), point(5)], before);
    expect(before).toEqual(copy);
  });
});
