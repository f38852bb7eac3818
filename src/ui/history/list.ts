/** The list of runs as the dialog shows it. Pure. */
import type { RunEntry } from '../../storage/runs/entry.ts';

/** Runs that one chart can hold. */
export const mostCompared = 6;

/** Runs that hold every word of `wanted` in name, tags or result. */
export function shownRuns(runs: readonly RunEntry[], wanted: string): RunEntry[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  return runs.filter(({ name, tags, line, preset }) => {
    const text = [name, ...tags, line, preset].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The run made before this one; `runs` the newest first. */
export function olderThan(run: RunEntry, runs: readonly RunEntry[]): RunEntry | null {
  return runs[runs.findIndex(({ id }) => id === run.id) + 1] ?? null;
}

/** `a, b` → tags; at most twenty, each once. */
export function tagsFrom(text: string): string[] {
  return [...new Set(text.split(',').map((tag) => tag.trim().slice(0, 60)).filter(Boolean))].slice(0, 20);
}
