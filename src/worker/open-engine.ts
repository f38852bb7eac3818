/**
 * Which engine a visitor gets. `auto`: the fused engine on a real GPU if it is faster than WebAssembly on all cores in a
 * short timing; WebAssembly where there is no WebGPU or only a software adapter (there it is several times faster, see
 * BENCHMARKS.md); plain JavaScript where WebAssembly does not start. What is asked for by name is used or refused, never
 * replaced.
 */
import { LabError } from '../core/errors.ts';
import type { Engine } from '../engine/contract.ts';
import type { BackendChoice, EngineChoice } from './protocol.ts';

/** How engines are made here; tests hand in their own. */
export interface EngineMakers {
  /** On WebGPU. Rejects with LabError('device') when there is no adapter. `onFatal` hears of a device that is lost later. */
  fused(onFatal: (sentence: string) => void): Promise<Engine>;
  autodiff(backend: 'webgpu' | 'webgl', onFatal: (sentence: string) => void): Promise<Engine>;
  processor(backend: 'wasm' | 'cpu'): Promise<Engine>;
  time(engine: Engine): Promise<number>;
}

export interface Opened {
  engine: Engine;
  /** One sentence on what was found and why it was picked. */
  note: string;
}

/** Rejects with LabError when what is asked for is not to be had. */
export async function openEngine(choice: { backend: BackendChoice; engine: EngineChoice }, makers: EngineMakers, onFatal: (sentence: string) => void): Promise<Opened> {
  const { backend, engine } = choice;
  if (engine === 'fused' && backend !== 'auto' && backend !== 'webgpu') {
    throw new LabError('device', `The fused engine runs on WebGPU, not on ${backend}; choose the webgpu backend or the tfjs engine.`);
  }
  switch (backend) {
    case 'auto':
      if (engine === 'fused') return named(await makers.fused(onFatal));
      return openBest(makers, engine, onFatal);
    case 'webgpu': return named(await (engine === 'tfjs' ? makers.autodiff(backend, onFatal) : makers.fused(onFatal)));
    case 'webgl': return named(await makers.autodiff(backend, onFatal));
    case 'wasm': case 'cpu': return named(await makers.processor(backend));
    default: return backend satisfies never;
  }
}

function named(engine: Engine): Opened {
  return { engine, note: `${nameOf(engine)} was asked for by name.` };
}

async function openBest(makers: EngineMakers, engine: 'auto' | 'tfjs', onFatal: (sentence: string) => void): Promise<Opened> {
  let gpu: Engine;
  try {
    gpu = await (engine === 'tfjs' ? makers.autodiff('webgpu', onFatal) : makers.fused(onFatal));
  } catch (error) {
    const other = await openProcessor(makers);
    return { engine: other, note: `${firstSentence(error)} The lab runs on ${nameOf(other)} instead.` };
  }
  if (gpu.info.software) {
    await gpu.dispose();
    const other = await openProcessor(makers);
    return { engine: other, note: `WebGPU is here, but only as a software adapter (${gpu.info.adapter ?? 'unnamed'}), which is slower than ${nameOf(other)}; the lab uses the latter.` };
  }
  return fasterOf(gpu, makers);
}

async function fasterOf(gpu: Engine, makers: EngineMakers): Promise<Opened> {
  let processor: Engine;
  try {
    processor = await makers.processor('wasm');
  } catch {
    return { engine: gpu, note: `${nameOf(gpu)}; WebAssembly did not start here.` };
  }
  try {
    const [onGpu, onProcessor] = [await makers.time(gpu), await makers.time(processor)];
    const [engine, other] = onGpu <= onProcessor ? [gpu, processor] : [processor, gpu];
    await other.dispose();
    const [fast, slow] = [Math.min(onGpu, onProcessor), Math.max(onGpu, onProcessor)];
    return { engine, note: `${nameOf(engine)}: ${fast.toPrecision(2)} ms a training step in a short timing, ${nameOf(other)} ${slow.toPrecision(2)} ms.` };
  } catch {
    await gpu.dispose();
    return { engine: processor, note: `The GPU (${gpu.info.adapter ?? 'unnamed'}) failed a short timing; the lab runs on ${nameOf(processor)} instead.` };
  }
}

/** WebAssembly, or plain JavaScript where it does not start. */
async function openProcessor(makers: EngineMakers): Promise<Engine> {
  try {
    return await makers.processor('wasm');
  } catch {
    return makers.processor('cpu');
  }
}

function nameOf({ info: { engine, backend, adapter, workers } }: Engine): string {
  switch (backend) {
    case 'webgpu': return `WebGPU${adapter === null ? '' : ` on ${adapter}`} (${engine === 'fused' ? 'fused engine' : 'TensorFlow.js'})`;
    case 'webgl': return `WebGL${adapter === null ? '' : ` on ${adapter}`} (TensorFlow.js)`;
    case 'wasm': case 'cpu': return `${backend === 'wasm' ? 'WebAssembly' : 'plain JavaScript'} on the processor (${workers} worker${workers === 1 ? '' : 's'})`;
    default: return backend satisfies never;
  }
}

function firstSentence(error: unknown): string {
  return error instanceof LabError ? error.message : 'WebGPU could not be started.';
}
