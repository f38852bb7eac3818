/** Finished cells of studies in a folder, one JSON file a cell under its key: a study that was killed goes on from them. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../core/errors.ts';

const NAME = /^([0-9a-f]{64})\.json$/;

/** Key → cell. What is damaged is told apart where it is used: it is computed again. */
export function readCells(folder: string): Record<string, string> {
  mkdirSync(folder, { recursive: true });
  return Object.fromEntries(readdirSync(folder).flatMap((file) => {
    const key = NAME.exec(file)?.[1];
    return key === undefined ? [] : [[key, readFileSync(join(folder, file), 'utf8')]];
  }));
}

/** Whole or not at all. */
export function writeCell(folder: string, key: string, cell: string): void {
  const path = join(folder, `${key}.json`);
  try {
    writeFileSync(`${path}.part`, cell);
    renameSync(`${path}.part`, path);
  } catch (error) {
    throw new LabError('file', `${path} could not be written; make room or name another folder with --out.`, { cause: error });
  }
}
