/** Choosing classes, purely: which there are, which are chosen, and what a choice writes into the settings. */
import { DOWNSTREAM_CHARACTERS, SOURCE_CHARACTERS } from '../../data/glyphs.ts';
import { GLYPHS } from '../../experiment/config/config.ts';
import type { DatasetSummary } from '../../worker/protocol.ts';
import type { Edits } from '../settings/edit.ts';
import type { Role } from '../store.ts';

/** Classes that can be chosen for a role: of the data set, and any already chosen beyond (other characters of the glyphs). */
export function classesOf(role: Role, data: string, chosen: readonly string[], datasets: readonly DatasetSummary[]): string[] {
  const own = data === GLYPHS
    ? [...(role === 'source' ? SOURCE_CHARACTERS : DOWNSTREAM_CHARACTERS)]
    : datasets.find((summary) => summary.name === data)?.classNames ?? [];
  return [...own, ...chosen.filter((name) => !own.includes(name))];
}

/** The setting after a class was pressed; empty when all are chosen. Two classes always stay. */
export function toggled(all: readonly string[], chosen: readonly string[], name: string): string[] {
  const before = chosen.length === 0 ? all : chosen;
  const after = all.filter((one) => (one === name ? !before.includes(one) : before.includes(one)));
  if (after.length < 2) return [...chosen];
  return after.length === all.length ? [] : after;
}

/** The classes that are not chosen. */
export function others(all: readonly string[], chosen: readonly string[]): string[] {
  return chosen.length === 0 ? [] : all.filter((name) => !chosen.includes(name));
}

/** One data set for both roles: `role` keeps its classes, the other role gets the rest. */
export function split(role: Role, data: string, all: readonly string[], chosen: readonly string[]): Edits {
  const rest: Role = role === 'source' ? 'downstream' : 'source';
  return { [`${role}.data`]: data, [`${role}.classes`]: [...chosen], [`${rest}.data`]: data, [`${rest}.classes`]: others(all, chosen) };
}
