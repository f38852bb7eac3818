/** What each stage's result is known by: equal keys, equal results, so that a changed setting recomputes only what it makes stale. */
import type { Posterior } from '../posterior/posterior.ts';
import { type Config, defaults, isOfSource, SETTING_KEYS, stageKey } from './config/config.ts';
import type { WeightsFile } from '../prior/weights.ts';
import { importName, type Memory } from './memory.ts';
import type { Stage } from './config/settings.ts';
import { dataIdentity, type Library, seedsOf } from './tasks.ts';

export type Keys = Record<'source' | 'posterior' | 'downstream' | 'surface' | 'inference' | 'scaling', string> & { sourceData: string; downstreamData: string };

/** What each stage depends on: settings, the visitor's data, and whose posterior. */
export function keysOf({ config, library, imported, weights, memory }: { config: Config; library: Library; imported: Posterior | null; weights?: WeightsFile | null; memory: Memory }): Keys {
  const origin = imported ? importName(memory, imported) : JSON.stringify([dataIdentity(config, library, 'source'), weights?.sha256]);
  const own = imported ? withoutSource(config) : config;
  const target = dataIdentity(config, library, 'downstream');
  const asked = config['prior.scaling'];
  const key = (stage: Stage, ...rest: string[]) => JSON.stringify([stageKey(own, stage), origin, ...rest]);
  return {
    source: key('source'), posterior: key('posterior'), downstream: key('downstream', target), surface: key('surface', target), inference: key('inference', target),
    // A further question about the finished comparison, on which nothing else depends.
    scaling: key('downstream', target, asked),
    sourceData: key('source'), downstreamData: JSON.stringify([seedsOf(config), Object.entries(config).filter(([name]) => name.startsWith('downstream.')), target]),
  };
}

/** With an imported posterior the source's settings change nothing. */
function withoutSource(config: Config): Config {
  const plain = defaults();
  const neutral = SETTING_KEYS.filter(isOfSource).map((key) => [key, plain[key]] as const);
  return { ...config, ...Object.fromEntries(neutral) };
}
