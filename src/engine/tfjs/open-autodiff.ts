/** Opens the autodiff engine on a backend of TensorFlow.js; loads only what it uses. */
import { LabError } from '../../core/errors.ts';
import type { AutodiffEngine } from './autodiff-engine.ts';

export interface AutodiffOptions {
  backend: 'webgpu' | 'webgl' | 'cpu';
  /** Told once, in a sentence, when the GPU is lost or reports an error that nobody waits for. */
  onFatal: (sentence: string) => void;
}

/** Throws LabError('device') when the backend does not start here. */
export async function openAutodiff(options: AutodiffOptions): Promise<AutodiffEngine> {
  throw new LabError('device', `The ${options.backend} backend is not there yet; choose wasm.`);
}
