/** How large a study is, in words, and about how long it takes by what the last run took. Pure. */
import { axesFor, configAt, studyValues } from '../../experiment/study/axis.ts';
import type { Config } from '../../experiment/config/config.ts';
import type { Result } from '../../experiment/result.ts';
import { workOf } from '../remaining.ts';

/** `seconds` is null before a run on this page has taken its time. */
export function studySize(config: Config, result: Result | null): { words: string; seconds: number | null } {
  const axis = axesFor(config).find((key) => key === config['study.axis']);
  const values = studyValues(config);
  const runs = values.length * config.seeds * config.arms.length * config['grid.scales'].length * config['grid.headStrengths'].length;
  const words = `${values.length} value${values.length === 1 ? '' : 's'} × ${config.seeds} seed${config.seeds === 1 ? '' : 's'} × ${config.arms.length} arms: ${runs.toLocaleString('en-GB')} training runs`;
  const took = result?.timings.downstream;
  if (!axis || !took) return { words, seconds: null };
  const rate = took / workOf(result.config, 1).downstream;
  try {
    return { words, seconds: rate * values.reduce((sum, value) => sum + workOf(configAt(config, 'standard', axis, value), 1).downstream, 0) };
  } catch {
    return { words, seconds: null }; // the study itself will say which value does not fit
  }
}
