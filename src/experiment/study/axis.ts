/**
 * The x axis of a study: any numeric setting, and what the config is at a value of it. Lists of numbers are cut to the value: a grid
 * is pinned, widths keep their proportions.
 */
import { LabError } from '../../core/errors.ts';
import { type Config, isIdle, isOffered, isOfSource, parseConfig, SETTING_KEYS } from '../config/config.ts';
import type { Setting } from '../config/setting-kinds.ts';
import { type SettingKey, SETTINGS } from '../config/settings.ts';

/** Settings that are numbers and say nothing about a comparison. */
const NO_AXIS = /^(seed|seeds|study\..*|surface\..*|predictive\..*|embedding\..*|robustness\..*|posterior\.draws|source\.test(Share)?|grid\.(isotropicScales|learningRates))$/;

/** Every setting that can be an axis with this config. */
export function axesFor(config: Config): SettingKey[] {
  return SETTING_KEYS.filter((key) => ['integer', 'number', 'numbers'].includes(SETTINGS[key].kind) && !NO_AXIS.test(key) && isOffered(key, config) && (key === 'sampling.temperatures' || !isIdle(key, config)));
}

/** Throws LabError('config') where the setting is no axis here. `imported`: the posterior is not learned here. */
export function axisOf(config: Config, imported: boolean): SettingKey {
  const name = config['study.axis'];
  const key = SETTING_KEYS.find((one) => one === name);
  if (!key) throw new LabError('config', `The study's x axis “${name}” is no setting; use a numeric one such as downstream.n, grid.scales (λ) or posterior.rank.`);
  if (!axesFor(config).includes(key)) {
    throw new LabError('config', key.startsWith('sampling.')
      ? `“${SETTINGS[key].label}” (${key}) changes nothing under the method ${config['sampling.method']}; choose a method of sampling first (sampling.method).`
      : `“${SETTINGS[key].label}” (${key}) cannot be the x axis of a study here; use a numeric setting that changes the comparison, such as downstream.n.`);
  }
  if (imported && isOfSource(key)) throw new LabError('config', `“${SETTINGS[key].label}” belongs to learning the posterior, and the prior was imported; choose another x axis, or learn the prior here.`);
  return key;
}

/** What is measured: averages over sampled networks where the axis belongs to sampling, single solutions elsewhere. */
export function measuresAverages(axis: SettingKey): boolean {
  return axis.startsWith('sampling.');
}

/** Ascending, each once. */
export function studyValues(config: Config): number[] {
  return [...new Set(config['study.values'])].sort((a, b) => a - b);
}

/** The config at a value of the axis. Throws LabError('config') naming the value. */
export function configAt(config: Config, preset: string, axis: SettingKey, value: number): Config {
  try {
    return parseConfig({ preset, ...config, ...changesAt(config, axis, value) }).config;
  } catch (error) {
    throw new LabError('config', `The study cannot set ${SETTINGS[axis].label} (${axis}) to ${value}. ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function changesAt(config: Config, axis: SettingKey, value: number): Partial<Record<SettingKey, unknown>> {
  const { kind }: Setting = SETTINGS[axis];
  if (axis === 'grid.scales') {
    // λ pinned: no arm is tuned by anything but κ, so that all keep equal numbers of runs.
    const ratio = middle(config['grid.isotropicScales']) / middle(config['grid.scales']);
    return { 'grid.scales': [value], 'grid.isotropicScales': [value * ratio], 'grid.learningRates': [middle(config['grid.learningRates'])] };
  }
  if (axis === 'model.widths') {
    const widths = config['model.widths'];
    return { [axis]: widths.map((width) => Math.max(1, Math.round((width * value) / widths[0]!))) };
  }
  // A factor has no more rows than there are snapshots.
  if (axis === 'posterior.snapshots') return { [axis]: value, 'posterior.rank': Math.min(config['posterior.rank'], value) };
  return { [axis]: kind === 'numbers' ? [value] : value };
}

/** The middle value of a grid, the lower one of two. */
function middle(grid: readonly number[]): number {
  return [...grid].sort((a, b) => a - b)[Math.floor((grid.length - 1) / 2)]!;
}

/** Values to try first: the setting's own with others around it. */
export function proposedValues(config: Config, axis: SettingKey): number[] {
  const setting: Setting = SETTINGS[axis];
  if (axis === 'downstream.n') return [10, 30, 100, 300];
  if (axis === 'grid.scales' || axis === 'grid.headStrengths') return [...config[axis]];
  if (axis === 'sampling.temperatures') return [0.01, 0.1, 1];
  const raw = config[axis];
  const own = Number(Array.isArray(raw) ? raw[0] : raw);
  const bounds = 'min' in setting ? setting : { min: 0, max: Infinity };
  const whole = setting.kind === 'integer' || (setting.kind === 'numbers' && setting.integer);
  const found = (own === 0 ? [0, 1, 2] : [own / 4, own / 2, own, own * 2]).map((value) => (whole ? Math.round(value) : Number(value.toPrecision(6))));
  return [...new Set(found.map((value) => Math.min(bounds.max, Math.max(bounds.min, value))))];
}

/** Axes whose values read best a factor apart. */
export function isLogarithmic(values: readonly number[]): boolean {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low > 0 && high >= 8 * low;
}
