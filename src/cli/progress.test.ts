import { describe, expect, it } from 'vitest';
import { clock, Progress, progressLine } from './progress.ts';

const step = (done: number) => ({ kind: 'progress', stage: 'downstream', done, total: 200, secondsLeft: 65, label: 'Training 80 runs' }) as const;

function terminal(isTTY: boolean) {
  const told = { text: '', time: 0 };
  return { told, terminal: { isTTY, columns: 40, write: (text: string) => { told.text += text; }, now: () => told.time } };
}

describe('progress', () => {
  it('tells time left', () => {
    expect([0, 65, 3599.6, 7265].map(clock)).toEqual(['0:00', '1:05', '1:00:00', '2:01:05']);
    expect(progressLine(step(86))).toBe('downstream   43%  Training 80 runs, 1:05 left');
    expect(progressLine({ ...step(0), secondsLeft: null })).toBe('downstream    0%  Training 80 runs');
  });

  it('rewrites one line on a terminal and keeps sentences', () => {
    const { told, terminal: screen } = terminal(true);
    const progress = new Progress(screen);
    progress.hear(step(10));
    progress.hear(step(20));
    progress.hear({ kind: 'sentence', stage: 'source', text: 'It learned.' });
    const lines = told.text.split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]!.split('\r\x1b[2K').at(-1)).toBe('source: It learned.');
    expect(told.text.split('\r\x1b[2K').every((part) => part.replace('\n', '').length < 40)).toBe(true);
  });

  it('writes a line of a stage now and then where there is no terminal', () => {
    const { told, terminal: log } = terminal(false);
    const progress = new Progress(log);
    for (let i = 0; i < 200; i++) {
      told.time = i / 4;
      progress.hear(step(i));
    }
    expect(told.text.match(/\n/g)).toHaveLength(3); // at 0, 20 and 40 s
    progress.hear({ kind: 'stage', stage: 'downstream', state: 'running', reused: false });
    progress.hear({ kind: 'stage', stage: 'downstream', state: 'done', reused: false });
    expect(progress.finished).toEqual(['downstream']);
  });
});
