/**
 * Under which corruptions the source is learned again for the shift-trajectory posterior: families × severities, spread
 * evenly. The family that the downstream data is tested with is left out unless asked for, so that the arm knows what
 * corruption does to a network and not what this one does.
 */
import { type Corruption, CORRUPTIONS, type CorruptionSpec, SEVERITIES } from '../../data/corrupt.ts';
import type { ShiftKind } from '../../data/dataset.ts';
import type { Config } from '../config/config.ts';

/** The corruption that a downstream shift is of. */
const TESTED: Record<ShiftKind, Corruption | null> = { none: null, noise: 'noise', 'low-contrast': 'contrast', clutter: 'clutter' };

type FamilySettings = Pick<Config, 'shift.families' | 'shift.leaveOut' | 'downstream.shift'>;

/** Families that take part, in the order of CORRUPTIONS; may be none. */
export function shiftFamilies(config: FamilySettings): Corruption[] {
  const left = config['shift.leaveOut'] === 'tested' ? testedFamily(config) : null;
  return CORRUPTIONS.filter((family) => config['shift.families'].includes(family) && family !== left);
}

/** The family that the downstream data is shifted by; null where it is not. */
export function testedFamily(config: Pick<Config, 'downstream.shift'>): Corruption | null {
  return TESTED[config['downstream.shift']];
}

/** `runs` corruptions: families in turn, and the runs of one family at severities evenly over 1…5. */
export function shiftRuns(families: readonly Corruption[], runs: number): CorruptionSpec[] {
  return Array.from({ length: runs }, (_, k): CorruptionSpec => {
    const f = k % families.length;
    const own = Math.ceil((runs - f) / families.length);
    const place = (Math.floor(k / families.length) + 0.5) / own;
    return { family: families[f]!, severity: SEVERITIES[Math.ceil(place * SEVERITIES.length) - 1]! };
  });
}
