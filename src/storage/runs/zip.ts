/**
 * A run as one zip file, to take elsewhere. `run.priorscape` is the run as it is kept, which is what comes back; the other files are the same in open
 * formats, and the prior. `manifest.json` names the format and holds the SHA-256 of what is read back.
 */
import { unzipSync, zipSync } from 'fflate';
import { z } from 'zod';
import { LabError } from '../../core/errors.ts';
import { sha256Hex } from '../../data/hash.ts';
import type { Result } from '../../experiment/result.ts';
import { embeddingCsv, layersCsv, resultJson, runsCsv, surfaceJson } from '../exports.ts';
import { NAMED, type RunEntry } from './entry.ts';
import { readRun } from './kept-run.ts';

const RUN = 'run.priorscape';
const PRIOR = 'prior.safetensors';
const MANIFEST = 'manifest.json';
const READ = [RUN, PRIOR, MANIFEST];

/** Bytes of one file of the zip, unpacked; more is refused before anything is allocated. */
const MOST = 1 << 29;

const SCHEMA = z.object({ format: z.literal('priorscape-run'), version: z.literal(1), sha256: z.object({ [RUN]: z.string(), [PRIOR]: z.string().optional() }) });

/** `run` are the bytes of `writeRun`. */
export async function writeRunZip(entry: RunEntry, run: Uint8Array<ArrayBuffer>, prior: Uint8Array<ArrayBuffer> | null): Promise<Uint8Array<ArrayBuffer>> {
  const { result: read } = readRun(run);
  // Under the name it has now.
  const result: Result = { ...read, config: { ...read.config, name: entry.name } };
  const text = (value: string) => new TextEncoder().encode(value);
  const sha256 = { [RUN]: await sha256Hex(run), ...(prior ? { [PRIOR]: await sha256Hex(prior) } : {}) };
  const manifest = { format: 'priorscape-run', version: 1, name: entry.name, tags: entry.tags, created: entry.created, digest: entry.digest, sha256 };
  return zipSync({
    [MANIFEST]: text(`${JSON.stringify(manifest, null, 2)}\n`),
    'result.json': text(resultJson(result)), 'surface.json': text(surfaceJson(result)), 'runs.csv': text(runsCsv(result)),
    ...(result.embedding && 'map' in result.embedding ? { 'embedding.csv': text(embeddingCsv(result.embedding)) } : {}),
    ...(result.scaling ? { 'layers.csv': text(layersCsv(result.scaling)) } : {}),
    ...(prior ? { [PRIOR]: [prior, { level: 0 }] } : {}),
    [RUN]: run,
  }, { level: 6 });
}

const refuse = (reason: string, cause?: unknown): never => {
  throw new LabError('file', `This is no run that can be added: ${reason}. Choose a zip file that was exported from the history of runs.`, { cause });
};

/** Throws LabError('file' | 'config') with one sentence. */
export async function readRunZip(bytes: Uint8Array): Promise<{ entry: RunEntry; result: Result; prior: Uint8Array<ArrayBuffer> | null }> {
  let files: Record<string, Uint8Array> = {};
  try {
    files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (!READ.includes(name)) return false;
        if (originalSize > MOST) refuse(`${name} in it is larger than ${MOST / 2 ** 20} MB`);
        return true;
      },
    });
  } catch (cause) {
    if (cause instanceof LabError) throw cause;
    refuse('it is not a zip file, or a damaged one', cause);
  }
  const run = files[RUN];
  const prior = files[PRIOR];
  if (!run || !files[MANIFEST]) return refuse(`it has no ${run ? MANIFEST : RUN}`);
  const manifest = SCHEMA.safeParse(parsed(files[MANIFEST]));
  if (!manifest.success) return refuse('its manifest is not one of a run, or of a newer version of the lab');
  const { sha256 } = manifest.data;
  for (const [name, held] of [[RUN, run], [PRIOR, prior]] as const) if (held && await sha256Hex(new Uint8Array(held)) !== sha256[name]) refuse(`${name} in it is damaged`);
  const told = z.object(NAMED).safeParse(parsed(files[MANIFEST]));
  const { entry, result } = readRun(run);
  return { entry: { ...entry, ...(told.success ? told.data : {}), prior: prior !== undefined }, result, prior: prior ? new Uint8Array(prior) : null };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}
