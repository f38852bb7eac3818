/** Opens the autodiff engine on a backend of TensorFlow.js; loads only what it uses. */
import { LabError } from '../../core/errors.ts';
import { openDevice } from '../device.ts';
import type { EngineInfo } from '../contract.ts';
import type { AutodiffEngine } from './autodiff-engine.ts';
import type { Backing } from './backing.ts';

export interface AutodiffOptions {
  backend: 'webgpu' | 'webgl' | 'cpu';
  /** Told once, in a sentence, when the GPU is lost or reports an error that nobody waits for. */
  onFatal: (sentence: string) => void;
}

/** Throws LabError('device') when the backend does not start here. */
export async function openAutodiff({ backend, onFatal }: AutodiffOptions): Promise<AutodiffEngine> {
  const { adapter, software, backing } = await start(backend, onFatal);
  const { AutodiffEngine } = await import('./autodiff-engine.ts');
  return new AutodiffEngine({ engine: 'tfjs', backend, adapter, software, workers: 1 }, backing);
}

type Started = Pick<EngineInfo, 'adapter' | 'software'> & { backing?: Backing };

async function start(backend: AutodiffOptions['backend'], onFatal: AutodiffOptions['onFatal']): Promise<Started> {
  switch (backend) {
    case 'webgpu': {
      const [device, { startWebGpu }] = await Promise.all([openDevice(onFatal), import('./webgpu-backend.ts')]);
      const backing = await startWebGpu(device).catch((error: unknown) => {
        device.close();
        throw error;
      });
      return { adapter: device.adapter.name, software: device.adapter.software, backing };
    }
    case 'webgl': {
      const { startWebGl } = await import('./webgl-backend.ts');
      return startWebGl(onFatal);
    }
    case 'cpu': {
      const [{ setBackend }] = await Promise.all([import('@tensorflow/tfjs-core'), import('@tensorflow/tfjs-backend-cpu')]);
      if (!(await setBackend('cpu'))) throw new LabError('device', 'The cpu backend did not start; reload the page or use another browser.');
      return { adapter: null, software: false };
    }
    default:
      return backend satisfies never;
  }
}
