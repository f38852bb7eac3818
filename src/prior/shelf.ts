/**
 * The shelf: priors that come with the lab, as `priors/index.json` lists them. What is read there is validated, and a file
 * is believed only if it has the SHA-256 of its line.
 */
import { z } from 'zod';
import { LabError } from '../core/errors.ts';

/** Where the shelf lies, relative to the page. */
export const SHELF = 'priors/';

const SHELVED = z.object({
  /** Names it in `?prior=ID`; its file is ID.safetensors. */
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  title: z.string().min(1).max(80),
  /** What it was learned on, in a sentence or two. */
  about: z.string().min(1).max(300),
  bytes: z.number().int().min(1),
  /** Of the file. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Of its tensors alone, which a second making by the same settings shares. */
  tensors: z.string().regex(/^[0-9a-f]{64}$/),
  /** The settings that made it, as a config file has them. */
  config: z.record(z.string(), z.unknown()),
});
export type Shelved = z.infer<typeof SHELVED>;

/** Throws LabError('file') when it is no such list. */
export function parseShelf(text: string): Shelved[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new LabError('file', 'The list of ready-made priors is not JSON; reload the page, or install the lab again.', { cause });
  }
  const outcome = z.array(SHELVED).safeParse(value);
  if (!outcome.success) throw new LabError('file', `The list of ready-made priors is faulty at “${outcome.error.issues[0]?.path.join('.') ?? ''}”; reload the page, or install the lab again.`);
  return outcome.data;
}
