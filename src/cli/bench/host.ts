/** The inside of a place: answers the driver's calls. Every library is loaded only when it is measured. */
import { toFault } from '../../core/errors.ts';
import type { Engine } from '../../engine/contract.ts';
import { stepsFor } from './figures.ts';
import type { Lane, Running } from './measure/running.ts';
import { countDispatches, timed } from './measure/running.ts';
import { type Kind, nameOf } from './plan.ts';
import type { Calls, Outcome } from './port.ts';

/** What differs between a page and a process. */
export interface HostParts {
  lanes: Record<Kind, () => Promise<Lane>>;
  engines: Record<'auto' | 'fused' | 'wasm', () => Promise<Engine>>;
}

type Answers = { [K in keyof Calls]: (input: Calls[K]['in']) => Promise<Calls[K]['out']> };

export function hostOf({ lanes, engines }: HostParts): (name: keyof Calls, input: unknown) => Promise<Outcome> {
  const running = new Map<string, { running: Running; steps: number }>();
  let lane: { kind: Kind; opened: Promise<Lane> } | null = null;

  const onFused = async <T>(work: (engine: import('../../engine/fused/fused-engine.ts').FusedEngine) => Promise<T>): Promise<T> => {
    const { openFused } = await import('../../engine/fused/open-fused.ts');
    const { timeEngine } = await import('../../worker/time-engine.ts');
    const told: string[] = [];
    const engine = await openFused((sentence) => told.push(sentence), timeEngine);
    try {
      const value = await work(engine);
      if (told.length > 0) throw new Error(told[0]);
      return value;
    } finally {
      await engine.dispose();
    }
  };

  const answers: Answers = {
    async open({ contestant, sampleMs }) {
      lane ??= { kind: contestant.kind, opened: lanes[contestant.kind]() };
      if (lane.kind !== contestant.kind) throw new Error(`This place measures ${lane.kind}, not ${contestant.kind}.`);
      const one = await (await lane.opened).open(contestant);
      await one.steps(1); // compiles, and runs what was put off until something is asked for
      const first = await countDispatches(() => one.steps(1));
      let second = 0;
      const twoSteps = await timed(async () => {
        second = await countDispatches(() => one.steps(2));
      });
      running.set(nameOf(contestant), { running: one, steps: stepsFor(sampleMs, twoSteps / 2) });
      // The difference is what a step takes, without what begins or ends a call.
      return { facts: one.facts, dispatches: second > 0 ? second - first : null };
    },
    async sample({ contestant }) {
      const held = running.get(nameOf(contestant));
      if (!held) throw new Error(`${nameOf(contestant)} was not opened here.`);
      return await timed(() => held.running.steps(held.steps)) / (held.steps * contestant.chains);
    },
    async roofline({ ms }) {
      const { measureRoofline } = await import('./measure/roofline.ts');
      return onFused(({ device }) => measureRoofline(device.gpu, device.adapter.software, ms));
    },
    async kernels({ chains, ms }) {
      const { measureKernels } = await import('./measure/kernels.ts');
      return onFused((engine) => measureKernels(engine, chains, ms));
    },
    async surface({ engine: which, ms }) {
      const { measureSurface } = await import('./measure/surface.ts');
      const engine = await engines[which]();
      try {
        return await measureSurface(engine, ms);
      } finally {
        await engine.dispose();
      }
    },
    async encoding({ ranks }) {
      const { measureEncoding } = await import('./measure/encoding.ts');
      return onFused((engine) => measureEncoding(engine, ranks));
    },
    async redraw() {
      return (await import('./measure/surface.ts')).measureRedraw();
    },
  };

  return async (name, input) => {
    try {
      // The driver pairs names and inputs by their types (port.ts).
      return { value: await (answers[name] as (input: unknown) => Promise<unknown>)(input) };
    } catch (error) {
      return { fault: toFault(error) };
    }
  };
}
