/**
 * A bundle: one zip with all that is needed to use a prior elsewhere. The prior file and its card, the PyTorch module that reads it, the experiment's config,
 * and, as far as they are there, results, the prior of the arm shift-trajectory, and the downstream images with the splits of every seed, so that
 * `compare.py` does the same comparison again. Times are fixed, so that equal contents are equal files.
 */
import { type Zippable, zipSync } from 'fflate';
import type { Gaussian } from '../../core/gaussian.ts';
import { type Config, isOffered, nested, SETTING_KEYS } from '../../experiment/config/config.ts';
import type { PresetName } from '../../experiment/config/presets.ts';
import type { Result } from '../../experiment/result.ts';
import type { DownstreamTask } from '../../experiment/tasks.ts';
import type { Posterior } from '../../posterior/posterior.ts';
import { encodePrior } from '../../prior/file.ts';
import { json, resultJson, runsCsv } from '../exports.ts';
import { modelCard } from './card.ts';
import { imagesFile } from './images.ts';
import { cardLicence, LICENCE_FILE } from './licence.ts';

/** Text of `python/*.py`: a build imports them as text, the command line reads them from disk. */
export interface PythonFiles {
  'priorscape.py': string;
  'compare.py': string;
}

export interface BundleInput {
  posterior: Posterior;
  config: Config;
  preset: PresetName;
  python: PythonFiles;
  /** Of a finished run under this prior. */
  result: Result | null;
  /** The prior of the arm shift-trajectory, where it took part. */
  shift: Gaussian | null;
  /** Put into the bundle; null leaves the images out. */
  task: DownstreamTask | null;
}

/** Names and contents, the card first. Throws LabError('file') on values that no prior may have, LabError('memory') on too many images. */
export async function bundleFiles({ posterior, config, preset, python, result, shift, task }: BundleInput): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const text = (content: string) => new TextEncoder().encode(content);
  const files = new Map<string, Uint8Array<ArrayBuffer>>([
    ['prior.safetensors', await encodePrior(posterior)],
    ...Object.entries(python).map(([name, content]): [string, Uint8Array<ArrayBuffer>] => [name, text(content)]),
    ['config.json', text(configFile(config, preset))],
  ]);
  if (result) files.set('result.json', text(resultJson(result))).set('runs.csv', text(runsCsv(result)));
  if (shift) files.set('shift-trajectory.safetensors', await encodePrior({ ...posterior, gaussian: shift }));
  if (task) files.set('downstream.safetensors', imagesFile(task));
  if (cardLicence(posterior.provenance.licence).license === 'other') files.set(LICENCE_FILE, text(`The data this prior was learned on state: ${posterior.provenance.licence}\n`));
  const card = modelCard({ posterior, config, preset, result, files: [...files.keys()] });
  return new Map([['README.md', text(card)], ...files]);
}

/** Every setting, nested, with the preset it started from: `lab run` takes it, and `compare.py` needs no defaults. */
export function configFile(config: Config, preset: PresetName): string {
  const offered = Object.fromEntries(SETTING_KEYS.filter((key) => isOffered(key, config)).map((key) => [key, config[key]]));
  return json({ preset, ...nested(offered) }, 2);
}

/** The files as one zip; `folder` is where they lie in it. */
export function zipped(files: ReadonlyMap<string, Uint8Array>, folder: string): Uint8Array<ArrayBuffer> {
  const entries: Zippable = {};
  // Weights hardly shrink.
  for (const [name, bytes] of files) entries[`${folder}/${name}`] = [bytes, { level: name === 'prior.safetensors' ? 0 : 6, mtime: new Date(1980, 0, 1) }];
  return zipSync(entries) as Uint8Array<ArrayBuffer>; // fflate allocates plain arrays
}
