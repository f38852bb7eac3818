import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readCells, writeCell } from './study-cells.ts';

it('keeps cells by key and passes over everything else in the folder', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'cells-')), 'cells');
  expect(readCells(folder)).toEqual({});
  const key = 'ab'.repeat(32);
  writeCell(folder, key, '{"a":1}');
  writeCell(folder, key, '{"a":2}');
  writeFileSync(join(folder, `${'cd'.repeat(32)}.json.part`), 'half');
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  expect(readCells(folder)).toEqual({ [key]: '{"a":2}' });
  expect(readdirSync(folder)).toHaveLength(3);
  expect(() => writeCell(join(folder, 'missing'), key, '')).toThrow(/could not be written/);
});
