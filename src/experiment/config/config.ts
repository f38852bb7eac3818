/**
 * Config: what an experiment is, as a flat record of dotted keys (SETTINGS). Files may nest (`{"downstream": {"n": 50}}`)
 * or use dotted keys; `preset` names the base and everything else overrides it. `{}` is the standard preset.
 */
import { z } from 'zod';
import { LabError } from '../../core/errors.ts';
import { fitsStages, isResnet } from '../../model/build.ts';
import { STAGES as STAGES_OF_RESNETS } from '../../model/resnet.ts';
import { usesSetting } from '../inference/methods.ts';
import type { SourceMethod } from '../../posterior/posterior.ts';
import { PRESETS, type PresetName, presetNames } from './presets.ts';
import type { Setting } from './setting-kinds.ts';
import { SETTINGS, type SettingKey, STAGES, type Stage } from './settings.ts';
import { shiftFamilies } from '../source/shift-runs.ts';

type ValueOf<S> = S extends { kind: 'integer' | 'number' } ? number
  : S extends { kind: 'text' } ? string
  : S extends { kind: 'choice'; options: readonly (infer T)[] } ? T
  : S extends { kind: 'choices'; options: readonly (infer T)[] } ? readonly T[]
  : S extends { kind: 'numbers' } ? readonly number[]
  : S extends { kind: 'names' } ? readonly string[]
  : never;

export type Config = { readonly [K in SettingKey]: ValueOf<(typeof SETTINGS)[K]> };

export const SETTING_KEYS = Object.keys(SETTINGS) as SettingKey[];

function valueSchema(setting: Setting): z.ZodType {
  switch (setting.kind) {
    case 'integer': return z.int().min(setting.min).max(setting.max);
    case 'number': return z.number().min(setting.min).max(setting.max);
    case 'text': return z.string().min(1).max(200);
    case 'choice': return z.enum(setting.options);
    case 'choices': return z.array(z.enum(setting.options)).min(1).refine((list) => new Set(list).size === list.length, 'names one twice');
    case 'numbers': return z.array((setting.integer ? z.int() : z.number()).min(setting.min).max(setting.max)).min(1).max(100);
    case 'names': return z.array(z.string().min(1).max(200)).max(65535);
    default: return setting satisfies never;
  }
}

const VALUE_SCHEMAS = new Map(SETTING_KEYS.map((key) => [key as string, valueSchema(SETTINGS[key])]));

export function defaults(preset: PresetName = 'standard'): Config {
  const values: Record<string, unknown> = {};
  for (const key of SETTING_KEYS) values[key] = SETTINGS[key].default;
  return { ...values, ...PRESETS[preset] } as Config;
}

/** `{a: {b: 1}, 'c.d': 2}` → `{'a.b': 1, 'c.d': 2}`. */
function flatten(value: object, prefix = '', out: Record<string, unknown> = {}): Record<string, unknown> {
  for (const [name, inner] of Object.entries(value)) {
    const key = prefix + name;
    const isBranch = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    if (isBranch && !VALUE_SCHEMAS.has(key)) flatten(inner, `${key}.`, out);
    else out[key] = inner;
  }
  return out;
}

/** The one normaliser through which every config passes: a file, a URL, a form. Throws LabError('config') naming the setting. */
export function parseConfig(input: unknown): { preset: PresetName; config: Config } {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new LabError('config', 'The config must be a JSON object such as {"preset": "quick"}.');
  }
  const { preset = 'standard', ...given } = flatten(input);
  if (typeof preset !== 'string' || !Object.hasOwn(PRESETS, preset)) {
    throw new LabError('config', `The preset ${JSON.stringify(preset)} is unknown; use one of ${presetNames.join(', ')}.`);
  }
  const name = preset as PresetName;
  const values: Record<string, unknown> = { ...defaults(name) };
  for (const [key, value] of Object.entries(given)) {
    const schema = VALUE_SCHEMAS.get(key);
    if (!schema) throw new LabError('config', `The setting "${key}" is unknown; \`npm run lab -- schema\` lists all of them.`);
    const parsed = schema.safeParse(value);
    if (!parsed.success) {
      throw new LabError('config', `The setting "${key}" is ${JSON.stringify(value)}, which does not fit: ${parsed.error.issues[0]?.message ?? 'invalid value'}.`);
    }
    values[key] = parsed.data;
  }
  const config = values as Config;
  checkTogether(config);
  const aside = Object.keys(given).find((key) => !isOffered(key as SettingKey, config) && onToy(config) && !same(given[key], defaults(name)[key as SettingKey]));
  if (aside !== undefined) {
    throw new LabError('config', `“${SETTINGS[aside as SettingKey].label}” (${aside}) is about images and changes nothing about the toy’s points; leave it out, and use the settings under “toy” instead.`);
  }
  return { preset: name, config };
}

/** Each step of a low-rank arm factorises a matrix of this size, so it must stay moderate. */
const MOST_MERGED_RANK = 128;

/** Rules that join settings. */
function checkTogether(config: Config): void {
  if (isToy(config, 'source') !== isToy(config, 'downstream')) {
    throw new LabError('config', 'The toy’s points and images do not go together; let source.data and downstream.data both be “toy”, or neither.');
  }
  if (config['source.data'] === SCENES) {
    throw new LabError('config', 'The scenes have a class at every pixel, and the source is learned from one label an image; let downstream.data be “scenes” and source.data something else.');
  }
  if (onScenes(config) && config['model.architecture'] === 'mlp') {
    throw new LabError('config', 'An MLP has no maps to label pixels from; for the scenes choose ConvNet-S or a ResNet.');
  }
  if (onToy(config) && config['model.architecture'] !== 'mlp') {
    throw new LabError('config', 'The toy’s points are no images, which is all that ConvNet-S and ResNets can read; choose the network MLP, or start from the preset toy.');
  }
  if (onToy(config) && config.arms.includes('shift-trajectory')) {
    throw new LabError('config', 'The arm Shift-trajectory learns the source again under corrupted images, and the toy has points; leave that arm out.');
  }
  if (!fitsStages(config['model.architecture'], config['model.widths'])) {
    throw new LabError('config', `A ResNet has ${STAGES_OF_RESNETS} stages and takes ${STAGES_OF_RESNETS} widths, not ${config['model.widths'].length}; set Widths to ${STAGES_OF_RESNETS} numbers such as 16, 32, 64.`);
  }
  if (config['source.method'] !== 'supervised') {
    if (isToy(config, 'source')) throw new LabError('config', 'SimCLR and VICReg compare views of images, and the toy has points; set “Learns from” to supervised.');
    if (config['source.batch'] < 2) throw new LabError('config', 'SimCLR and VICReg need at least two images in a source batch; raise Batch.');
  }
  const grids = [config['grid.scales'], config['grid.isotropicScales'], config['grid.learningRates']];
  if (new Set(grids.map((grid) => grid.length)).size > 1) {
    throw new LabError('config', 'The three grids (λ, λ isotropic, learning rate) must have the same number of values, so that every arm is tuned with the same number of runs.');
  }
  if (config['posterior.snapshots'] > config['posterior.steps']) {
    throw new LabError('config', 'There are more snapshots than SWAG steps; ask for fewer snapshots or more steps.');
  }
  if (config['sampling.method'] === 'swag' && config['sampling.snapshots'] > config['sampling.steps']) {
    throw new LabError('config', 'There are more snapshots than sampling steps for SWAG to collect them in; ask for fewer snapshots or more steps.');
  }
  if (config['posterior.rank'] > config['posterior.snapshots']) {
    throw new LabError('config', 'Rank K cannot exceed the number of snapshots; lower K or collect more snapshots.');
  }
  const { 'posterior.basins': basins, 'posterior.rank': rank } = config;
  const merged = basins * (rank + 1) - 1;
  if (merged > MOST_MERGED_RANK) {
    throw new LabError('config', `${basins} basins of rank ${rank} merge into a factor of ${merged} directions, more than ${MOST_MERGED_RANK}; lower the rank K or the number of basins.`);
  }
  if (config['posterior.method'] === 'fisher' && basins > 1) {
    throw new LabError('config', 'A Fisher posterior is measured at one mean; set Basins to 1, or the posterior to SWAG.');
  }
  if (config['posterior.method'] === 'fisher' && config['source.weightDecay'] === 0) {
    throw new LabError('config', 'A Fisher posterior needs weight decay in source training: without it a weight that no image touches would have no finite variance.');
  }
  if (config.arms.includes('shift-trajectory') && shiftFamilies(config).length === 0) {
    throw new LabError('config', 'The only corruption chosen for the arm Shift-trajectory is the one under test; choose others too, or set “Leave out” to nothing.');
  }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Only what differs from the preset, for the URL and for exports. */
export function differences(config: Config, preset: PresetName): Partial<Record<SettingKey, unknown>> {
  const base = defaults(preset);
  const out: Partial<Record<SettingKey, unknown>> = {};
  for (const key of SETTING_KEYS) {
    if (!same(config[key], base[key])) out[key] = config[key];
  }
  return out;
}

/** Settings that an imported prior makes irrelevant. */
export function isOfSource(key: SettingKey): boolean {
  return /^(source|model|posterior)\./.test(key);
}

/** The built-in images, and the built-in points in the plane, as `source.data` and `downstream.data` name them. */
export const GLYPHS = 'glyphs';
export const TOY = 'toy';
export const SCENES = 'scenes';

export function isToy(config: Config, role: 'source' | 'downstream'): boolean {
  return config[`${role}.data`] === TOY;
}

/** Source and downstream are points in the plane. */
export function onToy(config: Config): boolean {
  return isToy(config, 'source') && isToy(config, 'downstream');
}

/** The downstream task is the built-in one of segmentation. (Data of a visitor's own are told by their label maps.) */
export function onScenes(config: Config): boolean {
  return config['downstream.data'] === SCENES;
}

/** Settings of self-supervised source training: of views whatever the objective, and of one objective. */
const OF_VIEWS = /^source\.(projection|crop|flip|jitter|blur|noise|cutout)$/;
const OF_OBJECTIVE: Partial<Record<SettingKey, SourceMethod>> = { 'source.temperature': 'simclr', 'source.varianceWeight': 'vicreg', 'source.covarianceWeight': 'vicreg' };

function ofMethod(key: SettingKey, method: SourceMethod): boolean {
  const objective = OF_OBJECTIVE[key];
  return objective ? objective === method : method !== 'supervised' || !OF_VIEWS.test(key);
}

const OF_IMAGES = /^(source\.(method|classes|normalisation|testShare|rotation|scaleLow|scaleHigh|shift|shear)|downstream\.(classes|split|shift|severity|validationFaces)|shift\..*|robustness\..*)$/;

/** False for what says nothing about the data or the network at hand: images have no settings of the toy, its points none of images, glyphs a normalisation of their own, only scenes settings of scenes, and only ResNets a stem. */
export function isOffered(key: SettingKey, config: Config): boolean {
  if (!ofMethod(key, config['source.method'])) return false;
  if (key === 'model.stem' && !isResnet(config['model.architecture'])) return false;
  if (key === 'source.normalisation' && config['source.data'] === GLYPHS) return false;
  if (key.startsWith('scenes.')) return onScenes(config);
  return onToy(config) ? !OF_IMAGES.test(key) : !key.startsWith('toy.');
}

/** Settings of other data or of another network, of an arm that takes no part, or that the method of inference does not use change nothing, nor does where a single basin starts. */
export function isIdle(key: SettingKey, config: Config): boolean {
  if (key === 'posterior.basinStart') return config['posterior.basins'] === 1;
  if (key.startsWith('sampling.') && !usesSetting(config['sampling.method'], key)) return true;
  return !isOffered(key, config) || (key.startsWith('shift.') && !config.arms.includes('shift-trajectory'));
}

/** Settings that make a stage or any before it stale, as one string: equal keys, equal results of that stage. */
export function stageKey(config: Config, stage: Stage): string {
  const last = STAGES.indexOf(stage);
  // Sampling asks nothing of the surface, which only lies before it in time.
  const relevant = SETTING_KEYS.filter((key) => !isIdle(key, config) && STAGES.indexOf(SETTINGS[key].stage) <= last && !(stage === 'inference' && SETTINGS[key].stage === 'surface'));
  return JSON.stringify(relevant.map((key) => [key, config[key]]));
}

/** Dotted keys → nested objects, as files show them. */
export function nested(flat: Partial<Record<SettingKey, unknown>>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(flat)) {
    const path = key.split('.');
    let branch = out;
    for (const part of path.slice(0, -1)) branch = (branch[part] ??= {}) as Record<string, unknown>;
    branch[path.at(-1)!] = value;
  }
  return out;
}

/** JSON Schema (2020-12) of a config file, nested form. */
export function configJsonSchema(): Record<string, unknown> {
  interface Branch { [name: string]: Branch | z.ZodType }
  const tree: Branch = {};
  for (const key of SETTING_KEYS) {
    const setting: Setting = SETTINGS[key];
    const path = key.split('.');
    let branch = tree;
    for (const part of path.slice(0, -1)) branch = (branch[part] ??= {}) as Branch;
    const help = setting.unit ? `${setting.help} Unit: ${setting.unit}.` : setting.help;
    branch[path.at(-1)!] = valueSchema(setting).meta({ title: setting.label, description: help, default: setting.default }).optional();
  }
  const build = (branch: Branch): z.ZodType => z.strictObject(Object.fromEntries(
    Object.entries(branch).map(([name, inner]) => [name, inner instanceof z.ZodType ? inner : build(inner).optional()]),
  ));
  const { $schema, ...properties } = z.toJSONSchema((build(tree) as z.ZodObject).extend({
    preset: z.enum(presetNames).meta({ title: 'Preset', description: 'The settings to start from.', default: 'standard' }).optional(),
  }));
  return { $schema, title: 'Priorscape experiment', ...properties };
}
