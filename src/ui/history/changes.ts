/** What differs between the settings of two runs, in the words of the page. Pure. */
import { type Config, isIdle, SETTING_KEYS } from '../../experiment/config/config.ts';
import { type SettingKey, SETTINGS } from '../../experiment/config/settings.ts';
import { settingText } from '../charts/format.ts';

export interface Change {
  key: SettingKey;
  label: string;
  /** In the run asked about, and in the other. */
  here: string;
  there: string;
}

/** Settings that mean something in at least one of the two; the name is none of them. */
export function changesBetween(here: Config, there: Config): Change[] {
  return SETTING_KEYS.flatMap((key): Change[] => {
    if (key === 'name' || JSON.stringify(here[key]) === JSON.stringify(there[key]) || (isIdle(key, here) && isIdle(key, there))) return [];
    return [{ key, label: SETTINGS[key].label, here: valueText(here[key]), there: valueText(there[key]) }];
  });
}

/** `n 50 (100), Shift noise (none) and 2 more`; null when nothing differs. */
export function changesInWords(changes: readonly Change[], most = 3): string | null {
  if (changes.length === 0) return null;
  const told = changes.length > most ? changes.slice(0, most - 1) : changes;
  const rest = changes.length - told.length;
  const words = told.map(({ label, here, there }) => `${label} ${here} (${there})`).join(', ');
  return rest > 0 ? `${words} and ${rest} more` : words;
}

function valueText(value: string | number | readonly (string | number)[]): string {
  if (typeof value === 'number') return settingText(value);
  if (typeof value === 'string') return value === '' ? '–' : value;
  return value.length === 0 ? '–' : value.map(valueText).join(', ');
}
