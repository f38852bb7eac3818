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
  /** On WebGPU. Rejects with LabError('device') when there is no adapter. `onFatal` hears of a device (or worker) that is lost later. */
  fused(onFatal: (sentence: string) => void): Promise<Engine>;
  autodiff(backend: 'webgpu' | 'webgl', onFatal: (sentence: string) => void): Promise<Engine>;
  processor(backend: 'wasm' | 'cpu', onFatal?: (sentence: string) => void): Promise<Engine>;
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
    case 'wasm': case 'cpu': return named(await makers.processor(backend, onFatal));
    default: return backend satisfies never;
  }
}

function named(engine: Engine): Opened {
  return { engine, note: `${nameOf(engine)} was asked for by name.` };
}

/** An engine on trial. What it says of its own end counts only once it is the one in use. */
interface Tried {
  engine: Engine;
  use(): Engine;
}

async function tried(make: (onFatal: (sentence: string) => void) => Promise<Engine>, onFatal: (sentence: string) => void): Promise<Tried> {
  let used = false;
  let said: string | null = null;
  const engine = await make((sentence) => {
    if (used) onFatal(sentence);
    else said ??= sentence;
  });
  return {
    engine,
    use() {
      used = true;
      if (said !== null) onFatal(said);
      return engine;
    },
  };
}

/** An engine that failed may fail to close, too; it is gone either way. */
async function drop(engine: Engine): Promise<void> {
  await engine.dispose().catch(() => undefined);
}

async function openBest(makers: EngineMakers, engine: 'auto' | 'tfjs', onFatal: (sentence: string) => void): Promise<Opened> {
  let gpu: Tried;
  try {
    gpu = await tried((hear) => (engine === 'tfjs' ? makers.autodiff('webgpu', hear) : makers.fused(hear)), onFatal);
  } catch (error) {
    const other = await openProcessor(makers, onFatal);
    return { engine: other, note: `${firstSentence(error)} The lab runs on ${nameOf(other)} instead.` };
  }
  const { info } = gpu.engine;
  if (info.software) {
    await drop(gpu.engine);
    const other = await openProcessor(makers, onFatal);
    return { engine: other, note: `WebGPU is here, but only as a software adapter (${info.adapter ?? 'unnamed'}), which is slower than ${nameOf(other)}; the lab uses the latter.` };
  }
  return fasterOf(gpu, makers, onFatal);
}

async function fasterOf(gpu: Tried, makers: EngineMakers, onFatal: (sentence: string) => void): Promise<Opened> {
  let processor: Tried;
  try {
    processor = await tried((hear) => makers.processor('wasm', hear), onFatal);
  } catch {
    return { engine: gpu.use(), note: `${nameOf(gpu.engine)}; WebAssembly did not start here.` };
  }
  const onGpu = await makers.time(gpu.engine).catch(() => null);
  if (onGpu === null) {
    await drop(gpu.engine);
    return { engine: processor.use(), note: `The GPU (${gpu.engine.info.adapter ?? 'unnamed'}) failed a short timing; the lab runs on ${nameOf(processor.engine)} instead.` };
  }
  const onProcessor = await makers.time(processor.engine).catch(() => null);
  if (onProcessor === null) {
    await drop(processor.engine);
    return { engine: gpu.use(), note: `${nameOf(gpu.engine)}; WebAssembly failed a short timing.` };
  }
  const [fast, slow] = onGpu <= onProcessor ? [gpu, processor] : [processor, gpu];
  await drop(slow.engine);
  const [least, most] = [Math.min(onGpu, onProcessor), Math.max(onGpu, onProcessor)];
  return { engine: fast.use(), note: `${nameOf(fast.engine)}: ${least.toPrecision(2)} ms a training step in a short timing, ${nameOf(slow.engine)} ${most.toPrecision(2)} ms.` };
}

/** WebAssembly, or plain JavaScript where it does not start. */
async function openProcessor(makers: EngineMakers, onFatal: (sentence: string) => void): Promise<Engine> {
  try {
    return await makers.processor('wasm', onFatal);
  } catch {
    return makers.processor('cpu', onFatal);
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
