/** What stands behind a backend of TensorFlow.js: on WebGPU a device of the project's own (`webgpu-backend.ts`), elsewhere nothing. */
import type { LabError } from '../../core/errors.ts';
import type { Need } from '../device.ts';

export interface Backing {
  readonly failure: LabError | null;
  /** Calls back once when the device fails; returns how to stop listening. */
  whenFailed(listener: (failure: LabError) => void): () => void;
  /** Runs work so that errors of the device end in a LabError; `what` names it in the sentence. */
  watched<T>(what: string, work: () => Promise<T>): Promise<T>;
  /** Throws LabError('memory') for what cannot be held. */
  check(needs: Need[]): void;
  close(): void;
}

export const NO_DEVICE: Backing = {
  failure: null,
  whenFailed: () => () => {},
  watched: (_what, work) => work(),
  check: () => {},
  close: () => {},
};
