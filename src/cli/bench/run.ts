/** One run of the whole benchmark in a shell: the race, then what is measured alone, then one report. */
import type { Summary } from './figures.ts';
import type { Encoding } from './measure/encoding.ts';
import type { StepKernels } from './measure/kernels.ts';
import type { Roofline } from './measure/roofline.ts';
import type { SurfaceSpeed } from './measure/surface.ts';
import type { Plan } from './plan.ts';
import type { Place, Shell } from './port.ts';
import { type Missing, race, sentenceOf, type Timed } from './race.ts';

export interface Measured {
  timed: Timed[];
  roofline: Roofline | null;
  kernels: StepKernels | null;
  surface: Record<'auto' | 'fused' | 'wasm', SurfaceSpeed | null>;
  redraw: Summary | null;
  encoding: Encoding[];
  missing: Missing[];
}

export async function measureAll(shell: Shell, plan: Plan, say: (line: string) => void): Promise<Measured> {
  const contestants = plan.contestants.filter(({ kind }) => kind !== 'wasm' || shell.wasm);
  const { timed, missing } = await race({ plan: { ...plan, contestants }, open: () => shell.open(), say, now: () => performance.now() });
  const alone = async <T>(what: string, work: (place: Place) => Promise<T>): Promise<T | null> => {
    let place: Place | null = null;
    try {
      place = await shell.open();
      const value = await work(place);
      say(`${what}: done`);
      return value;
    } catch (error) {
      missing.push({ what, why: sentenceOf(error) });
      say(`${what}: left out (${sentenceOf(error)})`);
      return null;
    } finally {
      await place?.close();
    }
  };
  const roofline = await alone('roofline', (place) => place.call('roofline', { ms: plan.kernelMs }));
  const kernels = await alone('kernels', (place) => place.call('kernels', { chains: plan.kernelChains, ms: plan.kernelMs }));
  const encoding = await alone('JavaScript', (place) => place.call('encoding', { ranks: [null, 20] })) ?? [];
  const surfaceOf = (engine: 'auto' | 'fused' | 'wasm') => alone(`surface, ${engine}`, (place) => place.call('surface', { engine, ms: plan.surfaceMs }));
  const surface = { auto: shell.wasm ? await surfaceOf('auto') : null, fused: await surfaceOf('fused'), wasm: shell.wasm ? await surfaceOf('wasm') : null };
  const redraw = await alone('λ drag', (place) => place.call('redraw', {}));
  return { timed, roofline, kernels, encoding, surface, redraw, missing };
}
