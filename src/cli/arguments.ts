/** The command line of the lab as a value: `run`, `study`, `schema`, `inspect`, `bundle`, `convert` or `help`. Pure; every fault is one LabError('config'). */
import { parseArgs } from 'node:util';
import { LabError } from '../core/errors.ts';
import { parseHub, parseHubAddress } from '../data/hub/address.ts';
import type { HubRequest } from '../data/hub/find.ts';
import { type Convention, PUBLISHED } from '../prior/authors.ts';
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
  npm run lab -- convert MEAN.pt VARIANCE.pt COVMAT.pt --like PRIOR --out FILE [--factor detect|divided|undivided]
      [--halves yes|no] [--scale S] [--factor-scale root|linear]
                                                       flat tensors of the paper's code, of the network of PRIOR, as a prior
                                                       file: is the factor divided by √(K − 1) already, does SWAG's ½ apply,
                                                       at scale S does the factor take √S or S
  npm run lab -- convert FILE --out PREFIX             a prior file as PREFIX_mean.pt, PREFIX_variance.pt, PREFIX_covmat.pt
Options of run and study:
  --out DIR                   receives result.json, runs.csv, surface.json, prior.safetensors; of a study study.json, study-curves.csv,
                              study-runs.csv and cells/, from which a study that was stopped goes on
  --bundle                    run: also bundle.zip: the prior with its card, the PyTorch module, config and results, and the
                              downstream images where they are built in
  --models                    run: also models/ARM-seed-SEED.safetensors: the tuned network of every arm and seed, for PyTorch
  --data NAME=PATH            data that the config calls NAME: a folder (one folder a class, under train/, validation/
                              and test/ if there are splits; or images/ and labels/, PNG label maps), zip,
                              tar.gz, npz, npy, CIFAR .bin, csv or Parquet file, or IMAGES,LABELS, an IDX pair; or hub:ID[?config=…&split=…&rows=…], images of the
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

/** `files`: mean, variance and covmat, to become a prior file `out`; or one prior file, to become files that begin with `out`. */
export interface ConvertCommand {
  kind: 'convert';
  files: string[];
  out: string;
  /** A prior file of the same network; null where a prior file is converted. */
  like: string | null;
  convention: Convention;
}

export type Command = ConvertCommand | RunCommand | BundleCommand | { kind: 'schema' } | { kind: 'inspect'; file: string } | { kind: 'help' };

const BACKENDS = ['auto', 'webgpu', 'webgl', 'wasm', 'cpu'] as const satisfies readonly BackendChoice[];
const ENGINES = ['auto', 'tfjs', 'fused'] as const satisfies readonly EngineChoice[];
const GPUS = ['auto', 'software'] as const satisfies readonly GpuChoice[];

const OPTIONS = {
  out: { type: 'string' }, data: { type: 'string', multiple: true }, choices: { type: 'string', multiple: true }, backend: { type: 'string' }, engine: { type: 'string' },
  gpu: { type: 'string' }, hub: { type: 'string' }, weights: { type: 'string' }, bundle: { type: 'boolean' }, models: { type: 'boolean' }, config: { type: 'string' },
  like: { type: 'string' }, factor: { type: 'string' }, halves: { type: 'string' }, scale: { type: 'string' }, 'factor-scale': { type: 'string' }, help: { type: 'boolean', short: 'h' },
} as const;

/** What `run` and `study` share. */
const OF_A_RUN = ['out', 'data', 'choices', 'backend', 'engine', 'gpu', 'hub', 'weights'];

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
    case 'convert': return convertCommand(rest, values, allow);
    case 'bundle':
      allow(1, 'one prior file', ['out', 'config']);
      if (values.out === undefined || values.out === '') throw fault('`bundle` needs --out ZIP, the file to write.');
      return { kind, file: rest[0]!, out: values.out, config: values.config ?? null };
    case 'run':
    case 'study': {
      allow(1, 'one config file', [...OF_A_RUN, ...(kind === 'run' ? ['bundle', 'models'] : [])]);
      if (values.out === undefined || values.out === '') throw fault(`\`${kind}\` needs --out DIR, the folder that receives the results.`);
      return {
        kind, config: rest[0]!, out: values.out, data: localData(values.data ?? [], values.choices ?? [], values.hub ?? ''), weights: values.weights ?? null,
        backend: oneOf('--backend', values.backend ?? 'auto', BACKENDS), engine: oneOf('--engine', values.engine ?? 'auto', ENGINES), gpu: oneOf('--gpu', values.gpu ?? 'auto', GPUS),
        bundle: values.bundle ?? false, models: values.models ?? false,
      };
    }
    case undefined: throw fault('A command is missing: `npm run lab -- help` lists them.');
    default: throw fault(`There is no command “${kind}”; use run, study, schema, inspect, bundle, convert or help.`);
  }
}

function convertCommand(files: string[], values: ReturnType<typeof parsed>['values'], allow: (count: number, what: string, options: string[]) => void): ConvertCommand {
  const out = values.out ?? '';
  if (out === '') throw fault('`convert` needs --out, the prior file or the beginning of the names to write.');
  if (files.length === 1) {
    allow(1, 'one prior file', ['out']);
    return { kind: 'convert', files, out, like: null, convention: PUBLISHED };
  }
  allow(3, 'MEAN.pt VARIANCE.pt COVMAT.pt, or one prior file', ['out', 'like', 'factor', 'halves', 'scale', 'factor-scale']);
  if (!values.like) throw fault('`convert` needs --like PRIOR.safetensors, a prior file of the same network: flat files do not say which network they are of.');
  const factor = oneOf('--factor', values.factor ?? 'detect', ['detect', 'divided', 'undivided'] as const);
  const scale = Number(values.scale ?? 1);
  if (!(scale > 0 && scale < Infinity)) throw fault(`--scale is “${values.scale ?? ''}”; it must be a positive number.`);
  return {
    kind: 'convert', files, out, like: values.like,
    convention: {
      half: oneOf('--halves', values.halves ?? 'yes', ['yes', 'no'] as const) === 'yes', divided: factor === 'detect' ? 'detect' : factor === 'divided', scale,
      factorScale: oneOf('--factor-scale', values['factor-scale'] ?? 'root', ['root', 'linear'] as const),
    },
  };
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
