/**
 * TensorFlow.js's WebGPU backend on a device of the project's own. The stock factory would make its own device, raise
 * few limits, and say nothing when the device is lost.
 */
import { findBackendFactory, registerBackend, removeBackend, setBackend } from '@tensorflow/tfjs-core';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { LabError } from '../../core/errors.ts';
import { checkFits, inErrorScopes, type LabDevice } from '../device.ts';
import type { Backing } from './backing.ts';

/** Makes 'webgpu' the current backend, in place of one that was there. */
export async function startWebGpu(device: LabDevice): Promise<Backing> {
  if (findBackendFactory('webgpu')) removeBackend('webgpu');
  const backend = new WebGPUBackend(device.gpu, device.adapter.info);
  const factory = (): WebGPUBackend => backend;
  registerBackend('webgpu', factory);
  if (!(await setBackend('webgpu'))) throw new LabError('device', 'The WebGPU backend did not start; choose the wasm backend.');
  return {
    get failure() {
      return device.failure;
    },
    whenFailed: (listener) => device.whenFailed(listener),
    watched: (what, work) => inErrorScopes(device.gpu, what, async () => {
      const value = await work();
      // The backend holds commands back until there are 15 of them; the scopes must see all of them.
      backend.endComputePassEncoder();
      backend.ensureCommandEncoderReady();
      backend.submitQueue();
      return value;
    }),
    check: (needs) => checkFits(device.gpu.limits, needs),
    close: () => {
      if (findBackendFactory('webgpu') === factory) removeBackend('webgpu');
      device.close();
    },
  };
}
