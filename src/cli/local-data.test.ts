import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { listFiles, readChoices } from './local-data.ts';

const folder = mkdtempSync(join(tmpdir(), 'priorscape-local-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('local data', () => {
  it('lists every file of a folder under its name, in one order', () => {
    for (const sub of ['pets/train/cat', 'pets/train/dog']) mkdirSync(join(folder, sub), { recursive: true });
    for (const file of ['pets/train/dog/b.png', 'pets/train/cat/a.png', 'pets/about.txt']) written(file, 'x');
    const paths = (path: string) => listFiles({ name: 'pets', paths: [path], choices: null, hub: null }).map((one) => one.path);
    expect(paths(join(folder, 'pets'))).toEqual(['pets/about.txt', 'pets/train/cat/a.png', 'pets/train/dog/b.png']);
    expect(paths(`${folder}/pets/`)).toEqual(paths(join(folder, 'pets')));
    const pair = [written('images', 'x'), written('labels', 'x')];
    expect(listFiles({ name: 'pair', paths: pair, choices: null, hub: null })).toEqual([{ path: 'images', file: pair[0] }, { path: 'labels', file: pair[1] }]);
    expect(() => listFiles({ name: 'none', paths: [join(folder, 'none')], choices: null, hub: null })).toThrow(/none cannot be read; check the path\.$/);
    mkdirSync(join(folder, 'empty'));
    expect(() => listFiles({ name: 'empty', paths: [join(folder, 'empty')], choices: null, hub: null })).toThrow(/is empty/);
  });
});

describe('a file of choices', () => {
  it('holds any of them', () => {
    expect(readChoices(written('some.json', '{"height": 28, "width": 28, "channels": 1, "classNames": ["a", "", "c"]}'))).toEqual({ height: 28, width: 28, channels: 1, classNames: ['a', '', 'c'] });
    expect(readChoices(written('none.json', '{}'))).toEqual({});
  });

  it.each([
    ['{"hieght": 28}', /some\.json name “hieght”, which is none; there are height, width, fit/],
    ['{"name": "mine"}', /“name”, which is none/],
    ['{"height": 0}', /do not fit at height/],
    ['{"channels": 2}', /do not fit at channels/],
    ['{"answers": {"labels": 3}}', /do not fit at answers\.labels/],
    ['[', /is not JSON/],
    ['7', /do not fit at the top/],
  ])('%s is refused in one sentence', (text, sentence) => {
    const path = written('some.json', text);
    expect(() => readChoices(path)).toThrow(sentence);
    expect(() => readChoices(path)).toThrow(/^[^\n]+\.$/);
  });
});
