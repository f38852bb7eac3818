/**
 * All contestants in rounds: each is built once, in a place of its kind, then every round samples every contestant once.
 * A machine that slows down slows all of a round down, and ratios are taken round by round.
 */
import { type Contestant, type Kind, nameOf, type Plan } from './plan.ts';
import type { Opened, Place, Shell } from './port.ts';

export interface Timed {
  name: string;
  contestant: Contestant;
  facts: Opened['facts'];
  dispatches: number | null;
  /** Milliseconds a chain-step, one a round. */
  samples: number[];
}

export interface Missing {
  what: string;
  why: string;
}

export interface RaceOptions {
  plan: Plan;
  open: Shell['open'];
  say(line: string): void;
  /** Milliseconds. */
  now(): number;
}

/** What fails is left out and named, the rest goes on. */
export async function race({ plan, open, say, now }: RaceOptions): Promise<{ timed: Timed[]; missing: Missing[] }> {
  const places = new Map<Kind, Place>();
  const missing: Missing[] = [];
  let timed: (Timed & { place: Place })[] = [];
  const start = now();
  try {
    for (const contestant of plan.contestants) {
      const name = nameOf(contestant);
      try {
        let place = places.get(contestant.kind);
        if (!place) places.set(contestant.kind, (place = await open()));
        const { facts, dispatches } = await place.call('open', { contestant, sampleMs: plan.sampleMs });
        timed.push({ name, contestant, facts, dispatches, samples: [], place });
        say(`${name}: ready`);
      } catch (error) {
        missing.push({ what: name, why: sentenceOf(error) });
        say(`${name}: left out (${sentenceOf(error)})`);
      }
    }
    let round = 0;
    let longest = 0;
    while (round < plan.rounds.most && (round < plan.rounds.least || now() - start + longest < plan.raceMs)) {
      const begun = now();
      for (const one of [...timed]) {
        if (round >= (one.contestant.rounds ?? Infinity)) continue;
        try {
          one.samples.push(await one.place.call('sample', { contestant: one.contestant }));
        } catch (error) {
          missing.push({ what: one.name, why: sentenceOf(error) });
          timed = timed.filter((other) => other !== one);
        }
      }
      longest = Math.max(longest, now() - begun);
      say(`round ${++round}: ${((now() - begun) / 1e3).toFixed(1)} s`);
    }
  } finally {
    for (const place of places.values()) await place.close();
  }
  return { timed: timed.map(({ place: _, ...rest }) => rest), missing };
}

export function sentenceOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 240);
}
