/** What is wrong with a study before anything is trained, and its config at every value. */
import { LabError } from '../../core/errors.ts';
import type { Config } from '../config/config.ts';
import { type SettingKey, SETTINGS } from '../config/settings.ts';
import type { Experiment } from '../runner.ts';
import { BUILT_IN, fittingConfig, fits } from '../tasks.ts';
import { configAt, studyValues } from './axis.ts';

/** Value → config, ascending. For `downstream.n`, 0 becomes the largest n that added data have room for. Throws LabError naming the value. */
export async function configFor({ config, preset, library }: Pick<Experiment, 'config' | 'preset' | 'library'>, axis: SettingKey): Promise<Map<number, Config>> {
  const found = new Map<number, Config>();
  for (const given of studyValues(config)) {
    const whole = axis === 'downstream.n' && given === 0;
    const value = whole ? await largest(config, library) : given;
    const at = configAt(config, preset, axis, value);
    const fitting = await fittingConfig(at, library);
    if (fitting) {
      throw new LabError('data', `${config['downstream.data']} has too few images for ${SETTINGS[axis].label} = ${value}: there is room for n = ${fitting['downstream.n']} with ${fitting['downstream.validation'] || fitting['downstream.n']} to validate and ${fitting['downstream.test']} to test; lower the largest value or the sizes.`);
    }
    found.set(value, at);
  }
  return new Map([...found].sort(([a], [b]) => a - b));
}

/** The largest n that fits beside the validation and test sizes asked for, by bisection. */
async function largest(config: Config, library: Experiment['library']): Promise<number> {
  if (BUILT_IN.includes(config['downstream.data'])) throw new LabError('config', 'The built-in data are made as they are needed and have no end, so “all” (0) means nothing there; name the largest n instead.');
  let [low, high] = [0, SETTINGS['downstream.n'].max + 1];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await fits({ ...config, 'downstream.n': middle }, library)) low = middle;
    else high = middle;
  }
  if (low === 0) throw new LabError('data', `${config['downstream.data']} has no images left to train on beside the validation and test sizes asked for; lower those.`);
  return low;
}
