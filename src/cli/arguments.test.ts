import { describe, expect, it } from 'vitest';
import { parseCommand } from './arguments.ts';

describe('the command line', () => {
  it('reads a run with its data', () => {
    expect(parseCommand(['run', 'c.json', '--out', 'o', '--data', 'a=x,y', '--data=b=dir=1/x,y', '--backend', 'wasm'])).toEqual({
      kind: 'run', config: 'c.json', out: 'o', backend: 'wasm', weights: null, engine: 'auto', gpu: 'auto', bundle: false, models: false,
      data: [{ name: 'a', paths: ['x', 'y'], hub: null, choices: null }, { name: 'b', paths: ['dir=1/x', 'y'], hub: null, choices: null }],
    });
    expect(parseCommand(['run', 'c', '--out', 'o', '--choices', 'a=a.json', '--data', 'a=photos.zip'])).toMatchObject({ data: [{ name: 'a', paths: ['photos.zip'], choices: 'a.json' }] });
    expect(parseCommand(['inspect', 'p'])).toEqual({ kind: 'inspect', file: 'p' });
    expect(parseCommand(['run', 'c', '--out', 'o', '--bundle', '--models'])).toMatchObject({ bundle: true, models: true });
    expect(parseCommand(['bundle', 'p', '--out', 'z', '--config', 'c'])).toEqual({ kind: 'bundle', file: 'p', out: 'z', config: 'c' });
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
    [['run', 'a', '--out', 'o', '--data', 'x'], /NAME=PATH/],
    [['run', 'a', '--out', 'o', '--data', '=x,y'], /NAME=PATH/],
    [['run', 'a', '--out', 'o', '--data', 'm='], /NAME=PATH/],
    [['run', 'a', '--out', 'o', '--data', 'm=x,'], /NAME=IMAGES,LABELS/],
    [['run', 'a', '--out', 'o', '--data', 'm=x,y,z'], /NAME=IMAGES,LABELS/],
    [['run', 'a', '--out', 'o', '--choices', 'm'], /NAME=FILE\.json/],
    [['run', 'a', '--out', 'o', '--choices', 'm=x.json'], /“m”, which no --data does/],
    [['run', 'a', '--out', 'o', '--data', 'm=x', '--choices', 'm=a', '--choices', 'm=b'], /“m” twice/],
    [['run', 'a', '--out', 'o', '--data', 'glyphs=x,y'], /built-in data set/],
    [['run', 'a', '--out', 'o', '--data', 'm=x,y', '--data', 'm=z,w'], /“m” twice/],
    [['run', 'a', '--out', 'o', '--data', 'm=hub:a/b/c'], /OWNER\/NAME/],
    [['run', 'a', '--out', 'o', '--data', 'm=hub:a/b?rows=x'], /rows is “x”/],
    [['run', 'a', '--out', 'o', '--hub', 'ftp://x'], /address of a Hub/],
    [['run', 'a', '--out', 'o', '--config', 'c'], /takes no option --config/],
    [['bundle', 'a'], /needs --out ZIP/],
    [['schema', '--out', 'o'], /takes no option --out/],
    [['inspect', 'a', 'b'], /one prior file, and 2/],
  ])('refuses %j in one sentence', (argv, sentence) => {
    expect(() => parseCommand(argv)).toThrow(expect.objectContaining({ kind: 'config', message: expect.stringMatching(sentence) }));
    expect(() => parseCommand(argv)).toThrow(/^[^\n]+\.$/);
  });
});
