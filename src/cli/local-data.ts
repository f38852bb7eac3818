/** Data named on the command line: files and folders into a list of paths to serve, and a file of choices into what the import takes. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { LabError } from '../core/errors.ts';
import type { Choices } from '../data/import/contract.ts';
import type { LocalData } from './arguments.ts';

export interface Listed {
  /** As the readers see it, forward slashes: a folder's files stand under its name. */
  path: string;
  /** Where it lies. */
  file: string;
}

/** Every file behind one `--data`. Throws LabError('data') naming a path that is not there. */
export function listFiles({ paths }: LocalData): Listed[] {
  return paths.flatMap((path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile()) return [{ path: basename(path), file: path }];
    if (!found?.isDirectory()) throw new LabError('data', `The data file ${path} cannot be read; check the path.`);
    const name = basename(resolve(path));
    const files = readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    if (files.length === 0) throw new LabError('data', `The folder ${path} is empty; name one with images.`);
    return files.map((file) => ({ path: `${name}/${file.slice(path.length).replace(/^[\\/]+/, '').replaceAll('\\', '/')}`, file }));
  });
}

const side = z.int().min(1).max(1024);
const CHOICES = z.strictObject({
  height: side, width: side,
  fit: z.enum(['fit', 'crop', 'stretch']),
  channels: z.literal([1, 3]),
  classNames: z.array(z.string().max(200)).max(65535),
  limit: z.int().min(0),
  answers: z.record(z.string(), z.string()),
}).partial();

/** A file of `--choices`: any of the choices but the name, which `--data` gives. Throws LabError('data') naming file and key. */
export function readChoices(path: string): Partial<Choices> {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? `is not JSON (${error.message.split('\n')[0]!})` : 'cannot be read; check the path';
    throw new LabError('data', `The choices ${path} ${why}.`, { cause: error });
  }
  const parsed = CHOICES.safeParse(given);
  if (parsed.success) return Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== undefined));
  const issue = parsed.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') throw new LabError('data', `The choices ${path} name “${issue.keys[0]!}”, which is none; there are ${Object.keys(CHOICES.shape).join(', ')}.`);
  throw new LabError('data', `The choices ${path} do not fit at ${issue.path.join('.') || 'the top'}: ${issue.message}.`);
}
