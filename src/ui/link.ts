/**
 * Settings in the page's address: `#preset=quick&downstream.n=50&arms=none,l2-sp`, only what differs from the preset.
 * Reading ends in `parseConfig`, so a link is believed no more than a file.
 */
import { type Config, differences, parseConfig } from '../experiment/config/config.ts';
import type { PresetName } from '../experiment/config/presets.ts';
import type { Setting } from '../experiment/config/setting-kinds.ts';
import { SETTINGS, type SettingKey } from '../experiment/config/settings.ts';

/** What the page opens on. */
export const OPENING_PRESET: PresetName = 'quick';

export function writeLink(preset: PresetName, config: Config, view: string | null = null): string {
  const parts = Object.entries(differences(config, preset)).map(([key, value]) => `${key}=${encoded(value)}`);
  const shown = view === null ? [] : [`${VIEW}=${encodeURIComponent(view)}`];
  return `#${[`preset=${preset}`, ...parts, ...shown].join('&')}`;
}

/** Not a setting: what the surface panel shows. */
const VIEW = 'view';

/** `view`: what the link says of the surface panel, as it stands there. Throws LabError('config') with one sentence when it names what does not exist or does not fit. */
export function readLink(hash: string): { preset: PresetName; config: Config; view: string | null } {
  const given: Record<string, unknown> = { preset: OPENING_PRESET };
  let view: string | null = null;
  for (const part of hash.replace(/^#/, '').split('&')) {
    if (part === '') continue;
    const at = part.indexOf('=');
    const key = safely(at < 0 ? part : part.slice(0, at));
    const text = at < 0 ? '' : part.slice(at + 1);
    if (key === VIEW) view = safely(text);
    else given[key] = key in SETTINGS ? decoded(SETTINGS[key as SettingKey], text) : safely(text);
  }
  return { ...parseConfig(given), view };
}

function encoded(value: unknown): string {
  return Array.isArray(value) ? value.map((item) => encodeURIComponent(String(item))).join(',') : encodeURIComponent(String(value));
}

function decoded(setting: Setting, text: string): unknown {
  const list = () => (text === '' ? [] : text.split(',').map(safely));
  switch (setting.kind) {
    case 'integer':
    case 'number': return asNumber(safely(text));
    case 'text':
    case 'choice': return safely(text);
    case 'choices':
    case 'names': return list();
    case 'numbers': return list().map(asNumber);
    default: return setting satisfies never;
  }
}

/** Text that is no number stays text, for parseConfig to name. */
export function asNumber(text: string): number | string {
  const trimmed = text.trim().replace(/^−/, '-');
  return trimmed !== '' && Number.isFinite(Number(trimmed)) ? Number(trimmed) : text;
}

function safely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
