/** `bundle`: a prior file with its card, the PyTorch module and a config as one zip. No browser and no run: what only a run knows (results, images) stays out. */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseConfig } from '../experiment/config/config.ts';
import { decodePrior } from '../prior/file.ts';
import { bundleFiles, type PythonFiles, zipped } from '../storage/bundle/bundle.ts';
import type { BundleCommand } from './arguments.ts';
import { prepareOut, readConfig, write } from './run-lab.ts';

/** The path written. Throws LabError with one sentence. */
export async function writeBundle({ out, config: path }: BundleCommand, prior: Uint8Array, root: string): Promise<string> {
  const { config, preset } = parseConfig(path === null ? {} : readConfig(path));
  const posterior = await decodePrior(prior);
  const folder = dirname(out);
  prepareOut(folder);
  const files = await bundleFiles({ posterior, config, preset, python: pythonFiles(root), result: null, shift: null, task: null });
  return write(folder, basename(out), zipped(files, 'priorscape-bundle'));
}

function pythonFiles(root: string): PythonFiles {
  const read = (name: keyof PythonFiles) => readFileSync(join(root, 'src/storage/bundle/python', name), 'utf8');
  return { 'priorscape.py': read('priorscape.py'), 'compare.py': read('compare.py') };
}
