/** Opens the fused engine on the best adapter there is, cut the way that a short timing finds fastest on it. */
import { openDevice } from '../device.ts';
import { CUTS, FusedEngine } from './fused-engine.ts';

/**
 * `time` measures an engine (milliseconds a chain-step, say); it is asked only on a real GPU, where tiles for few loads
 * and tiles for many threads may either be faster. Throws LabError('device') when there is no WebGPU or no adapter.
 */
export async function openFused(onFatal: (sentence: string) => void, time: (engine: FusedEngine) => Promise<number>): Promise<FusedEngine> {
  const device = await openDevice(onFatal);
  if (device.adapter.software) return new FusedEngine(device, CUTS.software);
  try {
    const candidates = [CUTS.gpu, { ...CUTS.gpu, tile: { positions: 8, channels: 8 } }].map((cut) => new FusedEngine(device, cut));
    const times: number[] = [];
    for (const engine of candidates) times.push(await time(engine));
    return candidates[times.indexOf(Math.min(...times))]!;
  } catch (error) {
    device.close();
    throw error;
  }
}
