/** Images that could not be read among good ones: counted by reason, some of them named. */
import type { Note } from './contract.ts';
import { counted } from './paths.ts';

export function leftOut(): { add(name: string, reason: string): void; notes(): Note[]; readonly count: number } {
  const reasons = new Map<string, { count: number; examples: string[] }>();
  let count = 0;
  return {
    add(name, reason) {
      const entry = reasons.get(reason) ?? { count: 0, examples: [] };
      entry.count++;
      count++;
      if (entry.examples.length < 5) entry.examples.push(name);
      reasons.set(reason, entry);
    },
    notes: () => [...reasons].map(([reason, entry]) => ({ text: `${counted(entry.count, 'image was', 'images were')} left out: ${reason}.`, ...entry })),
    get count() {
      return count;
    },
  };
}
