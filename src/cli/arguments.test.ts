import { describe, expect, it } from 'vitest';
import { parseCommand } from './arguments.ts';

describe('the command line', () => {
  it('reads a run with its data', () => {
    expect(parseCommand(['run', 'c.json', '--out', 'o', '--data', 'a=x,y', '--data=b=dir=1/x,y', '--backend', 'wasm'])).toEqual({
      kind: 'run', config: 'c.json', out: 'o', backend: 'wasm', engine: 'auto', gpu: 'auto',
      data: [{ name: 'a', images: 'x', labels: 'y' }, { name: 'b', images: 'dir=1/x', labels: 'y' }],
    });
    expect(parseCommand(['inspect', 'p'])).toEqual({ kind: 'inspect', file: 'p' });
    expect(parseCommand(['schema'])).toEqual({ kind: 'schema' });
    expect(parseCommand(['run', '--help'])).toEqual({ kind: 'help' });
  });

  it.each([
    [[], /command is missing/],
    [['fly'], /no command “fly”/],
    [['run', '--out', 'o'], /one config file, and 0/],
    [['run', 'a', 'b', '--out', 'o'], /one config file, and 2/],
    [['run', 'a'], /needs --out/],
    [['run', 'a', '--out'], /--out needs a value/],
    [['run', 'a', '--out', '--backend', 'wasm'], /--out needs a value/],
    [['run', 'a', '--out', 'o', '--fast'], /no option --fast/],
    [['run', 'a', '--out', 'o', '-x'], /no option -x/],
    [['run', 'a', '--out', 'o', '--backend', 'metal'], /--backend is “metal”; use one of auto, webgpu/],
    [['run', 'a', '--out', 'o', '--data', 'x'], /NAME=IMAGES,LABELS/],
    [['run', 'a', '--out', 'o', '--data', '=x,y'], /NAME=IMAGES,LABELS/],
    [['run', 'a', '--out', 'o', '--data', 'm=x'], /NAME=IMAGES,LABELS/],
    [['run', 'a', '--out', 'o', '--data', 'm=x,y,z'], /NAME=IMAGES,LABELS/],
    [['run', 'a', '--out', 'o', '--data', 'glyphs=x,y'], /built-in data set/],
    [['run', 'a', '--out', 'o', '--data', 'm=x,y', '--data', 'm=z,w'], /“m” twice/],
    [['schema', '--out', 'o'], /takes no option --out/],
    [['inspect', 'a', 'b'], /one prior file, and 2/],
  ])('refuses %j in one sentence', (argv, sentence) => {
    expect(() => parseCommand(argv)).toThrow(expect.objectContaining({ kind: 'config', message: expect.stringMatching(sentence) }));
    expect(() => parseCommand(argv)).toThrow(/^[^\n]+\.$/);
  });
});
