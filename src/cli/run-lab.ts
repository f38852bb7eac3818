/**
 * `run` and `study`: one experiment, or a study of many, in headless Chromium from a config file to files. What can be wrong is looked for before
 * anything is trained; what was finished when a run ends early is said, and the prior is kept if it was learned.
 */
import { accessSync, constants, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LabError } from '../core/errors.ts';
import { parseConfig } from '../experiment/config/config.ts';
import { BUILT_IN } from '../experiment/tasks.ts';
import type { LocalData, RunCommand } from './arguments.ts';
import type { BrowserLab } from './headless/browser-lab.ts';
import { listFiles, readChoices } from './local-data.ts';
import { Progress, standardError } from './progress.ts';
import { readCells, writeCell } from './study-cells.ts';

const PRIOR = 'prior.safetensors';

/** The config as an object, checked. Throws LabError('config') naming file or setting. */
export function readConfig(path: string): object {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new LabError('config', `The config ${path} cannot be read; check the path.`, { cause: error });
  }
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    throw new LabError('config', `The config ${path} is not JSON (${error instanceof Error ? error.message.split('\n')[0]! : 'syntax error'}).`, { cause: error });
  }
  parseConfig(config);
  return config as object; // parseConfig refuses everything else
}

function checkData(config: object, data: readonly LocalData[]): void {
  const settings = parseConfig(config).config;
  for (const role of ['source', 'downstream'] as const) {
    const name = settings[`${role}.data`];
    if (!BUILT_IN.includes(name) && !data.some((one) => one.name === name)) {
      throw new LabError('data', `The config's ${role}.data is “${name}”, which is not there; name its files with --data ${name}=PATH.`);
    }
  }
}

export function prepareOut(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new LabError('file', `The folder ${folder} cannot be written to; name another with --out.`, { cause: error });
  }
}

export function write(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  try {
    writeFileSync(path, content);
  } catch (error) {
    throw new LabError('file', `${path} could not be written; make room or name another folder with --out.`, { cause: error });
  }
  return path;
}

/** Paths written, null when it was cancelled. Throws LabError (or Error) with one sentence. */
export async function runLab(command: RunCommand, root: string): Promise<string[] | null> {
  const config = readConfig(command.config);
  checkData(config, command.data);
  const local = command.data.map((data) => ({ name: data.name, hub: data.hub, listed: listFiles(data), choices: data.choices === null ? {} : readChoices(data.choices) }));
  if (command.weights !== null && !statSync(command.weights, { throwIfNoEntry: false })?.isFile()) throw new LabError('file', `The weights ${command.weights} cannot be read; check the path.`);
  prepareOut(command.out);
  const progress = new Progress(standardError());
  const folder = join(command.out, 'cells');
  const cells = command.kind === 'study' ? readCells(folder) : {};
  let unkept = false;
  // What is thrown here would be lost in the browser; the study's numbers need no file.
  const keepCell = ({ key, cell }: { key: string; cell: string }): void => {
    try {
      writeCell(folder, key, cell);
    } catch (error) {
      if (!unkept) progress.say(`${error instanceof Error ? error.message : String(error)} The study goes on; parts that are not kept would be computed again.`);
      unkept = true;
    }
  };
  const files = new Map<string, string>();
  const data = local.map(({ name, listed, hub, choices }) => ({
    name, hub, choices,
    files: listed.map(({ path, file }) => {
      const url = `/local-data/${files.size}`;
      files.set(url, file);
      return { path, url };
    }),
  }));
  const weights = command.weights === null ? null : { name: basename(command.weights), url: '/local-data/weights' };
  if (weights && command.weights !== null) files.set(weights.url, command.weights);
  // Without WebGPU or WebGL in play there is no GPU to look for.
  const gpu = command.backend === 'wasm' || command.backend === 'cpu' ? 'software' : command.gpu;
  const interrupt = onInterrupt();
  // Only now: server and browser take a while to load, and most faults are found before they are needed.
  const { BrowserLab } = await import('./headless/browser-lab.ts');
  const lab = await BrowserLab.start({ root, gpu, files, hears: (event) => (event.kind === 'study-cell' ? keepCell(event) : progress.hear(event)) });
  try {
    const { info, note, read } = await lab.call('open', { backend: command.backend, engine: command.engine, data, weights });
    progress.say(note ?? `Running on ${info.backend}.`);
    for (const { name, words, notes } of read) {
      progress.say(`${name}: ${words}`);
      for (const { text, examples } of notes) progress.say(`  ${text}${examples.length > 0 ? ` (${examples.join(', ')})` : ''}`);
    }
    if (interrupt.asked()) return cancelled(progress, []);
    const fit = await lab.call('check', config);
    if (fit !== null) progress.say(`${weights?.name ?? ''}: ${fit}`);
    if (interrupt.asked()) return cancelled(progress, []); // a cancel before the run would reach nothing
    interrupt.then(() => {
      progress.say('Stopping; press Ctrl-C again to leave at once.');
      lab.call('cancel').catch(() => undefined);
    });
    if (command.kind === 'study') return await runStudy(lab, config, cells, command.out, progress);
    const finished = await lab.call('run', config).catch(async (error: unknown) => {
      finishedSoFar(progress, await keepPrior(lab, command.out, progress));
      throw error;
    });
    if (!finished) return cancelled(progress, await keepPrior(lab, command.out, progress));
    const texts = await lab.call('texts');
    const prior = await lab.call('prior');
    return [
      ...Object.entries(texts).map(([name, text]) => write(command.out, name, text)), write(command.out, PRIOR, prior),
      ...(command.bundle ? [write(command.out, 'bundle.zip', await lab.call('bundle', config))] : []),
      ...(command.models ? await writeModels(lab, command.out) : []),
    ];
  } finally {
    interrupt.forget();
    await lab.close();
  }
}

/** Files of a study, also of one that was cancelled: its cells stay beside them. Null when it was cancelled. */
async function runStudy(lab: BrowserLab, config: object, cells: Record<string, string>, out: string, progress: Progress): Promise<string[] | null> {
  const finished = await lab.call('study', { config, cells });
  const found = await lab.call('studyTexts');
  const written = found ? Object.entries(found.files).map(([name, text]) => write(out, name, text)) : [];
  if (!finished) {
    progress.say(`The study was cancelled.${found ? ` What it has is in ${out}; the same command goes on from there.` : ''}`);
    return null;
  }
  if (found) progress.say(`study: ${found.sentence}\ndigest ${found.digest ?? ''}`);
  return written;
}

/** The tuned networks, one file after another. */
async function writeModels(lab: BrowserLab, out: string): Promise<string[]> {
  const folder = join(out, 'models');
  prepareOut(folder);
  const written: string[] = [];
  for (const { arm, seed } of await lab.call('solutions')) written.push(write(folder, `${arm}-seed-${seed}.safetensors`, await lab.call('model', { arm, seed })));
  return written;
}

/** Saves the prior of a run that ended early, if it had been learned. */
async function keepPrior(lab: BrowserLab, folder: string, progress: Progress): Promise<string[]> {
  if (!progress.finished.includes('source')) return [];
  try {
    return [write(folder, PRIOR, await lab.call('prior'))];
  } catch {
    return []; // the browser may be gone; the fault that ended the run is the one to tell
  }
}

function finishedSoFar(progress: Progress, written: readonly string[]): void {
  const { finished } = progress;
  progress.say(finished.length === 0 ? 'No stage was finished.' : `Finished until then: ${finished.join(', ')}.${written.length > 0 ? ` The prior was kept in ${written.join(', ')}.` : ''}`);
}

function cancelled(progress: Progress, written: readonly string[]): null {
  progress.say('The run was cancelled.');
  finishedSoFar(progress, written);
  return null;
}

/** Ctrl-C or SIGTERM once: `then`'s action, when it comes. Twice: leave at once. */
function onInterrupt() {
  let count = 0;
  let act: (() => void) | null = null;
  const heard = () => {
    if (++count > 1) process.exit(130);
    act?.();
  };
  process.on('SIGINT', heard);
  process.on('SIGTERM', heard);
  return {
    asked: () => count > 0,
    then: (action: () => void) => {
      act = action;
    },
    forget: () => {
      process.off('SIGINT', heard);
      process.off('SIGTERM', heard);
    },
  };
}
