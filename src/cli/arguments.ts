/** The command line of the lab as a value: `run`, `study`, `schema`, `inspect`, `bundle` or `help`. Pure; every fault is one LabError('config'). */
import { parseArgs } from 'node:util';
import { LabError } from '../core/errors.ts';
import { parseHub, parseHubAddress } from '../data/hub/address.ts';
import type { HubRequest } from '../data/hub/find.ts';
import { BUILT_IN } from '../experiment/tasks.ts';
import type { BackendChoice, EngineChoice } from '../worker/protocol.ts';
import type { GpuChoice } from './browser.ts';

export const USAGE = `Usage:
  npm run lab -- run CONFIG.json --out DIR [options]   run an experiment in headless Chromium
  npm run lab -- study CONFIG.json --out DIR [options] run a study: the comparison at each value of one setting
  npm run lab -- schema                                print the JSON Schema of a config
  npm run lab -- inspect FILE                          say what a prior file holds
  npm run lab -- bundle FILE --out ZIP [--config CONFIG.json]
                                                       a prior file with its card, the PyTorch module and a config, as a zip
Options of run and study:
  --out DIR                   receives result.json, runs.csv, surface.json, prior.safetensors; of a study study.json, study-curves.csv,
                              study-runs.csv and cells/, from which a study that was stopped goes on
  --bundle                    run: also bundle.zip: the prior with its card, the PyTorch module, config and results, and the
                              downstream images where they are built in
  --models                    also models/ARM-seed-SEED.safetensors: the tuned network of every arm and seed, for PyTorch
  --data NAME=PATH            data that the config calls NAME: a folder (one folder a class, under train/, validation/
                              and test/ if there are splits), zip, tar.gz, npz, npy, CIFAR .bin, csv or Parquet file,
                              or IMAGES,LABELS, an IDX pair; or hub:ID[?config=…&split=…&rows=…], images of the
                              Hugging Face Hub (rows: at most so many); may be given again
  --hub URL                   the Hub, where it is not huggingface.co
  --choices NAME=FILE.json    how these data are taken, where not as they come: {"height", "width", "channels": 1 or 3,
                              "fit": "fit", "crop" or "stretch", "classNames": [a name a class, "" leaves it out],
                              "limit": images at most, "answers": {question: answer}}, each optional
  --weights FILE              weights (safetensors) or a prior file that source training starts from
  --backend BACKEND           auto (default), webgpu, webgl, wasm or cpu
  --engine ENGINE             auto (default), tfjs or fused (fused runs on WebGPU)
  --gpu GPU                   auto (default) or software: where WebGPU and WebGL run`;

export interface LocalData {
  name: string;
  /** A file or folder, or the two files of an IDX pair; none of data of the Hub. */
  paths: string[];
  hub: HubRequest | null;
  /** A file of choices. */
  choices: string | null;
}

export interface RunCommand {
  kind: 'run' | 'study';
  config: string;
  out: string;
  data: LocalData[];
  /** A weights file that source training starts from. */
  weights: string | null;
  backend: BackendChoice;
  engine: EngineChoice;
  gpu: GpuChoice;
  /** Also a bundle. */
  bundle: boolean;
  /** Also the tuned networks. */
  models: boolean;
}

export interface BundleCommand {
  kind: 'bundle';
  file: string;
  out: string;
  /** null: the standard preset. */
  config: string | null;
}

export type Command = RunCommand | BundleCommand | { kind: 'schema' } | { kind: 'inspect'; file: string } | { kind: 'help' };

const BACKENDS = ['auto', 'webgpu', 'webgl', 'wasm', 'cpu'] as const satisfies readonly BackendChoice[];
const ENGINES = ['auto', 'tfjs', 'fused'] as const satisfies readonly EngineChoice[];
const GPUS = ['auto', 'software'] as const satisfies readonly GpuChoice[];

const OPTIONS = {
  out: { type: 'string' }, data: { type: 'string', multiple: true }, choices: { type: 'string', multiple: true }, backend: { type: 'string' }, engine: { type: 'string' },
  gpu: { type: 'string' }, hub: { type: 'string' }, weights: { type: 'string' }, bundle: { type: 'boolean' }, models: { type: 'boolean' }, config: { type: 'string' }, help: { type: 'boolean', short: 'h' },
} as const;

const fault = (sentence: string): LabError => new LabError('config', sentence);

/** `argv` without node and script. */
export function parseCommand(argv: string[]): Command {
  const { values, positionals: [kind, ...rest] } = parsed(argv);
  if (values.help || kind === 'help') return { kind: 'help' };
  const given = Object.keys(values);
  const allow = (count: number, what: string, options: string[] = []): void => {
    const stray = given.find((name) => !options.includes(name));
    if (stray !== undefined) throw fault(`\`${kind ?? ''}\` takes no option --${stray}; \`npm run lab -- help\` lists what there is.`);
    if (rest.length !== count) throw fault(`\`${kind ?? ''}\` takes ${what}, and ${rest.length} arguments were given.`);
  };
  switch (kind) {
    case 'schema':
      allow(0, 'no arguments');
      return { kind };
    case 'inspect':
      allow(1, 'one prior file');
      return { kind, file: rest[0]! };
    case 'bundle':
      allow(1, 'one prior file', ['out', 'config']);
      if (values.out === undefined || values.out === '') throw fault('`bundle` needs --out ZIP, the file to write.');
      return { kind, file: rest[0]!, out: values.out, config: values.config ?? null };
    case 'run':
    case 'study': {
      allow(1, 'one config file', Object.keys(OPTIONS).filter((name) => name !== 'config' && (kind === 'run' || name !== 'bundle')));
      if (values.out === undefined || values.out === '') throw fault(`\`${kind}\` needs --out DIR, the folder that receives the results.`);
      return {
        kind, config: rest[0]!, out: values.out, data: localData(values.data ?? [], values.choices ?? [], values.hub ?? ''), weights: values.weights ?? null,
        backend: oneOf('--backend', values.backend ?? 'auto', BACKENDS), engine: oneOf('--engine', values.engine ?? 'auto', ENGINES), gpu: oneOf('--gpu', values.gpu ?? 'auto', GPUS),
        bundle: values.bundle ?? false, models: values.models ?? false,
      };
    }
    case undefined: throw fault('A command is missing: `npm run lab -- help` lists them.');
    default: throw fault(`There is no command “${kind}”; use run, study, schema, inspect, bundle or help.`);
  }
}

function parsed(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    const unknown = /Unknown option '(-[^']*)'/.exec(error instanceof Error ? error.message : '')?.[1];
    if (unknown !== undefined) throw fault(`There is no option ${unknown}; \`npm run lab -- help\` lists what there is.`);
    const valueless = /Option '(?:-\w, )?(--[\w-]+)[^']*' (?:argument missing|argument is ambiguous)/.exec(error instanceof Error ? error.message : '')?.[1];
    if (valueless !== undefined) throw fault(`The option ${valueless} needs a value.`);
    throw fault(`The command line cannot be read (${error instanceof Error ? error.message.split('\n')[0]!.replace(/\.$/, '') : String(error)}); \`npm run lab -- help\` shows how it goes.`);
  }
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw fault(`${option} is “${value}”; use one of ${allowed.join(', ')}.`);
  return found;
}

/** The same fault, as one of the command line. */
function asked<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw fault(error instanceof Error ? error.message : String(error));
  }
}

function localData(given: string[], choices: string[], hubAddress: string): LocalData[] {
  const hub = asked(() => parseHub(hubAddress));
  const chosen = new Map<string, string>();
  for (const { name, value, text } of choices.map(named)) {
    if (!name || !value) throw fault(`--choices is “${text}”; it must read NAME=FILE.json.`);
    if (chosen.has(name)) throw fault(`--choices names “${name}” twice; one file says all of it.`);
    chosen.set(name, value);
  }
  const data = given.map(named).map(({ name, value, text }): LocalData => {
    const onHub = value.startsWith('hub:');
    const paths = value.split(',');
    if (!name || (!onHub && (paths.includes('') || paths.length > 2))) throw fault(`--data is “${text}”; it must read NAME=PATH, or NAME=IMAGES,LABELS for an IDX pair.`);
    if (BUILT_IN.includes(name)) throw fault(`--data cannot be called “${name}”, which is a built-in data set; choose another name.`);
    if (onHub) return { name, paths: [], hub: { hub, address: asked(() => parseHubAddress(value.slice(4))) }, choices: chosen.get(name) ?? null };
    return { name, paths, hub: null, choices: chosen.get(name) ?? null };
  });
  const twice = data.find(({ name }, i) => data.findIndex((other) => other.name === name) < i);
  if (twice) throw fault(`--data names “${twice.name}” twice; each data set needs a name of its own.`);
  const stray = [...chosen.keys()].find((name) => !data.some((one) => one.name === name));
  if (stray !== undefined) throw fault(`--choices names “${stray}”, which no --data does; name its files with --data ${stray}=PATH.`);
  return data;
}

/** `NAME=VALUE`; an empty name where there is none. */
function named(text: string): { name: string; value: string; text: string } {
  const at = text.indexOf('=');
  return { name: text.slice(0, Math.max(0, at)), value: text.slice(at + 1), text };
}
