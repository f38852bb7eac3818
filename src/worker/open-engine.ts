/**
 * Which engine a visitor gets. `auto`: WebGPU on a real GPU if it is faster than WebAssembly on all cores in a short
 * timing; WebAssembly where there is no WebGPU or only a software adapter (there it is several times faster); plain
 * JavaScript where WebAssembly does not start. A backend asked for by name is used or refused, never replaced.
 */
import { LabError } from '../core/errors.ts';
import type { Engine, EngineInfo } from '../engine/contract.ts';
import type { BackendChoice } from './protocol.ts';

/** How engines are made here; tests hand in their own. */
export interface EngineMakers {
  /** Rejects with LabError('device') when there is no adapter. `onFatal` hears of a device that is lost later. */
  gpu(backend: 'webgpu' | 'webgl', onFatal: (sentence: string) => void): Promise<Engine>;
  processor(backend: 'wasm' | 'cpu'): Promise<Engine>;
  time(engine: Engine): Promise<number>;
}

export interface Opened {
  engine: Engine;
  /** One sentence on what was found and why it was picked. */
  note: string;
}

export async function openEngine(choice: BackendChoice, makers: EngineMakers, onFatal: (sentence: string) => void): Promise<Opened> {
  switch (choice) {
    case 'webgpu': case 'webgl': {
      const engine = await makers.gpu(choice, onFatal);
      return { engine, note: `${gpuName(engine.info)} was asked for by name.` };
    }
    case 'wasm': case 'cpu': {
      const engine = await makers.processor(choice);
      return { engine, note: `${processorName(engine.info)} was asked for by name.` };
    }
    case 'auto': return openBest(makers, onFatal);
    default: return choice satisfies never;
  }
}

async function openBest(makers: EngineMakers, onFatal: (sentence: string) => void): Promise<Opened> {
  let gpu: Engine;
  try {
    gpu = await makers.gpu('webgpu', onFatal);
  } catch (error) {
    const engine = await openProcessor(makers);
    return { engine, note: `${firstSentence(error)} The lab runs on ${processorName(engine.info)} instead.` };
  }
  if (gpu.info.software) {
    await gpu.dispose();
    const engine = await openProcessor(makers);
    return { engine, note: `WebGPU is here, but only as a software adapter (${gpu.info.adapter ?? 'unnamed'}), which is slower than ${processorName(engine.info)}; the lab uses the latter.` };
  }
  return fasterOf(gpu, makers);
}

async function fasterOf(gpu: Engine, makers: EngineMakers): Promise<Opened> {
  let processor: Engine;
  try {
    processor = await makers.processor('wasm');
  } catch {
    return { engine: gpu, note: `${gpuName(gpu.info)}; WebAssembly did not start here.` };
  }
  try {
    const [onGpu, onProcessor] = [await makers.time(gpu), await makers.time(processor)];
    const [engine, other] = onGpu <= onProcessor ? [gpu, processor] : [processor, gpu];
    await other.dispose();
    const name = ({ info }: Engine) => (info.backend === 'webgpu' ? gpuName(info) : processorName(info));
    const [fast, slow] = [Math.min(onGpu, onProcessor), Math.max(onGpu, onProcessor)];
    return { engine, note: `${name(engine)}: ${fast.toPrecision(2)} ms a training step in a short timing, ${name(other)} ${slow.toPrecision(2)} ms.` };
  } catch {
    await gpu.dispose();
    return { engine: processor, note: `The GPU (${gpu.info.adapter ?? 'unnamed'}) failed a short timing; the lab runs on ${processorName(processor.info)} instead.` };
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

function gpuName({ backend, adapter }: EngineInfo): string {
  return `${backend === 'webgpu' ? 'WebGPU' : 'WebGL'}${adapter === null ? '' : ` on ${adapter}`}`;
}

function processorName({ backend, workers }: EngineInfo): string {
  return `${backend === 'wasm' ? 'WebAssembly' : 'plain JavaScript'} on the processor (${workers} worker${workers === 1 ? '' : 's'})`;
}

function firstSentence(error: unknown): string {
  return error instanceof LabError ? error.message : 'WebGPU could not be started.';
}
