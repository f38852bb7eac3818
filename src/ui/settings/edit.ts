/**
 * Editing settings, purely: a preset, what was changed over it (as typed, right or wrong), the config those make, and a
 * sentence for each value that does not fit. `parseConfig` is the judge; a wrong value leaves the config as it was.
 */
import { type Config, defaults, onToy, parseConfig, SCENES, TOY } from '../../experiment/config/config.ts';
import { type PresetName, PRESETS } from '../../experiment/config/presets.ts';
import type { Setting } from '../../experiment/config/setting-kinds.ts';
import { SETTINGS, type SettingKey } from '../../experiment/config/settings.ts';
import { fitsStages } from '../../model/build.ts';
import type { Role } from '../store.ts';

export type Edits = Partial<Record<SettingKey, unknown>>;

export interface Settings {
  preset: PresetName;
  /** What differs from the preset, as typed. */
  edits: Edits;
  /** The settings that hold: the preset and every edit that fits. */
  config: Config;
  faults: Partial<Record<SettingKey, string>>;
}

/** What a preset says nothing about and leaves as it is. */
const KEPT: readonly SettingKey[] = ['name', 'source.data', 'source.classes', 'downstream.data', 'downstream.classes'];

export function settingsOf(preset: PresetName, config: Config = defaults(preset)): Settings {
  const base = defaults(preset);
  const edits = Object.fromEntries(Object.entries(config).filter(([key, value]) => !same(value, base[key as SettingKey])));
  return { preset, edits, config, faults: {} };
}

export function edited(settings: Settings, changes: Edits): Settings {
  const base = defaults(settings.preset);
  const edits: Edits = { ...settings.edits, ...changes, ...widthsFor(settings, changes) };
  for (const key of Object.keys(edits) as SettingKey[]) if (same(edits[key], base[key])) delete edits[key];
  const last = Object.keys(changes).at(-1) as SettingKey | undefined;
  return judged(settings, edits, last ?? null);
}

/** Another network brings widths that make sense for it, unless the visitor chose some that it can have. */
function widthsFor({ preset, edits, config }: Settings, changes: Edits): Edits {
  const to = changes['model.architecture'] as Config['model.architecture'] | undefined;
  if (to === undefined || 'model.widths' in changes) return {};
  const base = defaults(preset);
  const suggested = (network: Config['model.architecture']) => suggestedWidths(network, base['model.architecture'], base['model.widths']);
  const own = 'model.widths' in edits && !same(config['model.widths'], suggested(config['model.architecture']));
  return own && fitsStages(to, config['model.widths']) ? {} : { 'model.widths': suggested(to) };
}

/** The preset's widths are those of its own network: a convolutional one's last width, twice and once, are units of a small MLP. */
function suggestedWidths(network: Config['model.architecture'], preset: Config['model.architecture'], widths: readonly number[]): readonly number[] {
  const last = widths.at(-1) ?? 1;
  return network === 'mlp' && preset !== 'mlp' ? [2 * last, last] : widths;
}

/** The settings named, or all, as the preset has them. */
export function unedited(settings: Settings, keys: readonly SettingKey[] | null): Settings {
  const edits = keys === null ? {} : { ...settings.edits };
  for (const key of keys ?? []) delete edits[key];
  return judged(settings, edits, keys?.[0] ?? null);
}

export function chosen(settings: Settings, preset: PresetName): Settings {
  const kept = Object.fromEntries(KEPT.filter((key) => key === 'name' || !(key in PRESETS[preset])).flatMap((key) => (key in settings.edits ? [[key, settings.edits[key]]] : [])));
  return judged({ ...settings, preset, config: defaults(preset) }, kept, null);
}

/**
 * The data set named for a role; points and images do not mix, so that the toy comes and goes with its preset, and so do scenes, whose pixels are many: their preset
 * is also that of other data with label maps (`mapped`). `images`: the preset for those that come after it.
 */
export function withData(settings: Settings, role: Role, data: string, images: PresetName, mapped = false): Settings {
  if (data === TOY || data === SCENES) return chosen(settings, data);
  const gone = onToy(settings.config) || (role === 'downstream' && settings.preset === SCENES && !mapped);
  const base = mapped && settings.preset !== SCENES ? chosen(settings, SCENES) : gone ? chosen(settings, images) : settings;
  return edited(base, { [`${role}.data`]: data, [`${role}.classes`]: [] });
}

/** `last`: the setting at which a fault that joins several is shown. */
function judged(settings: Settings, edits: Edits, last: SettingKey | null): Settings {
  const { preset } = settings;
  const faults: Settings['faults'] = {};
  const sound: Edits = { ...edits };
  for (;;) {
    try {
      return { preset, edits, config: parseConfig({ preset, ...sound }).config, faults };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const named = /^The setting "([^"]+)"/.exec(message)?.[1] as SettingKey | undefined;
      if (named !== undefined && named in sound) {
        faults[named] = expectation(SETTINGS[named]);
        delete sound[named];
        continue;
      }
      // Settings that do not fit together: the config stays as it was.
      const at = last ?? (Object.keys(sound)[0] as SettingKey | undefined) ?? 'name';
      return { preset, edits, config: settings.config, faults: { ...faults, [at]: message } };
    }
  }
}

/** What a setting takes, in a sentence. */
export function expectation(setting: Setting): string {
  const range = (s: { min: number; max: number; unit?: string }) => `from ${figure(s.min)} to ${figure(s.max)}${s.unit ? ` ${s.unit}` : ''}`;
  switch (setting.kind) {
    case 'integer': return `${setting.label} takes a whole number ${range(setting)}.`;
    case 'number': return `${setting.label} takes a number ${range(setting)}.`;
    case 'numbers': return `${setting.label} takes ${setting.integer ? 'whole numbers' : 'numbers'} ${range(setting)}, separated by commas.`;
    case 'text': return `${setting.label} takes 1 to 200 characters.`;
    case 'choice': return `${setting.label} is one of ${setting.options.join(', ')}.`;
    case 'choices': return `${setting.label} takes at least one of ${setting.options.join(', ')}.`;
    case 'names': return `${setting.label} takes names of 1 to 200 characters.`;
    default: return setting satisfies never;
  }
}

/** `50,000`, `1e−6`. */
export function figure(value: number): string {
  const magnitude = Math.abs(value);
  const text = magnitude !== 0 && (magnitude >= 1e6 || magnitude < 1e-3) ? value.toExponential().replace('e+', 'e') : value.toLocaleString('en-GB', { maximumFractionDigits: 6 });
  return text.replace('-', '−');
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
