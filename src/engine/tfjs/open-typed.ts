/** Opens the typed-array engine on the wasm (or, as a last resort, the plain JavaScript) backend; loads only what it uses. */
import { LabError } from '../../core/errors.ts';
import type { TypedEngine } from './typed-engine.ts';

export interface TypedOptions {
  backend: 'wasm' | 'cpu';
}

/** Throws LabError('device') when the backend does not start here. */
export async function openTyped({ backend }: TypedOptions): Promise<TypedEngine> {
  const { env, ready, setBackend } = await import('@tensorflow/tfjs-core');
  if (backend === 'wasm') {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    // Node finds the binaries beside the package.
    if (typeof location !== 'undefined') setWasmPaths((await import('./wasm-paths.ts')).WASM_PATHS);
  } else {
    await import('@tensorflow/tfjs-backend-cpu');
  }
  const started = await setBackend(backend).catch(() => false);
  if (!started) {
    throw new LabError('device', backend === 'wasm'
      ? 'WebAssembly did not start in this browser; choose the cpu backend, which is slower, or another browser.'
      : 'The cpu backend did not start in this browser; reload the page or use another browser.');
  }
  await ready();
  const { TypedEngine } = await import('./typed-engine.ts');
  return new TypedEngine({ engine: 'tfjs', backend, adapter: null, software: false, workers: 1 });
}
