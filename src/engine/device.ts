/**
 * The GPU device belongs to the project, not to a library: it asks for the adapter's own limits, says when the device
 * is lost or reports an error that nobody waited for, catches errors in scopes, and checks sizes before an upload.
 * WebGPU throws none of these by itself: unwatched, they end in stale or zero numbers.
 */
import { LabError } from '../core/errors.ts';

const LIMITS = [
  'maxBufferSize', 'maxStorageBufferBindingSize', 'maxStorageBuffersPerShaderStage', 'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup', 'maxComputeWorkgroupSizeX', 'maxComputeWorkgroupSizeY', 'maxComputeWorkgroupsPerDimension',
] as const;
const FEATURES = ['timestamp-query', 'shader-f16'] as const;
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|microsoft basic render/i;

/** One thing that must fit in one buffer, as a visitor would name it: 'the training images'. */
export interface Need {
  what: string;
  bytes: number;
}

export interface LabDevice {
  readonly gpu: GPUDevice;
  readonly adapter: { readonly info: GPUAdapterInfo; readonly name: string; readonly software: boolean };
  /** Set once the device is lost or has reported an error that nobody waited for. */
  readonly failure: LabError | null;
  /** Calls back once on failure (at once when it has failed already); returns how to stop listening. */
  whenFailed(listener: (failure: LabError) => void): () => void;
  /** Destroys the device; that is not a failure. */
  close(): void;
}

/**
 * `onFatal` is told once, in a sentence, when the device fails. Throws LabError('device') when there is no WebGPU, no
 * adapter or no device.
 */
export async function openDevice(onFatal: (sentence: string) => void, api: GPU | undefined = globalThis.navigator?.gpu): Promise<LabDevice> {
  if (!api) throw new LabError('device', 'This browser has no WebGPU; choose the wasm backend, or open the lab in a browser that has it.');
  const adapter = await api.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new LabError('device', 'WebGPU found no graphics adapter on this machine; choose the wasm backend, or update the graphics driver.');
  const gpu = await adapter.requestDevice({
    requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]])),
  }).catch((cause: unknown) => {
    throw new LabError('device', 'The graphics adapter gave no WebGPU device; reload the page, or choose the wasm backend.', { cause });
  });

  const listeners = new Set<(failure: LabError) => void>();
  let failure: LabError | null = null;
  let closed = false;
  const fail = (sentence: string): void => {
    if (failure || closed) return;
    failure = new LabError('device', sentence);
    for (const listener of [...listeners]) listener(failure);
    listeners.clear();
    onFatal(sentence);
  };
  gpu.addEventListener('uncapturederror', (event) => {
    event.preventDefault(); // it is told as a sentence, not in the console
    fail(`The GPU reported an error (${firstLine(event.error.message)}); run again, or choose the wasm backend.`);
  });
  void gpu.lost.then(({ reason, message }) => {
    fail(`The GPU was lost (${firstLine(message) || reason}); run again, or choose the wasm backend.`);
  });

  return {
    gpu,
    adapter: { info: adapter.info, ...adapterName(adapter.info) },
    get failure() {
      return failure;
    },
    whenFailed(listener) {
      if (failure) listener(failure);
      else listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      closed = true;
      gpu.destroy();
    },
  };
}

/** The adapter's name for the device badge, and whether it is a software one. */
export function adapterName(info: Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'description'> & { isFallbackAdapter?: boolean }): { name: string; software: boolean } {
  const { vendor, architecture, description } = info;
  const name = description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed GPU';
  return { name, software: info.isFallbackAdapter === true || SOFTWARE.test(`${vendor} ${architecture} ${description}`) };
}

const SCOPES = ['validation', 'out-of-memory', 'internal'] as const;

/**
 * Runs work, all of whose commands must be submitted when it resolves, inside error scopes. `what` names it in the
 * sentence ('the first training step'). Throws LabError('memory' | 'device') for what the scopes caught.
 */
export async function inErrorScopes<T>(gpu: GPUDevice, what: string, work: () => Promise<T>): Promise<T> {
  for (const scope of SCOPES) gpu.pushErrorScope(scope);
  const outcome = await work().then((value) => ({ value }), (error: unknown) => ({ error }));
  // Popped last first. A lost device answers null or rejects; `lost` speaks for it.
  const [internal, memory, validation] = await Promise.all(SCOPES.map(() => gpu.popErrorScope().catch(() => null)));
  if (memory) throw new LabError('memory', `The GPU ran out of memory in ${what}; choose a smaller network, fewer seeds or the wasm backend.`);
  const fault = validation ?? internal;
  if (fault) throw new LabError('device', `The GPU refused ${what} (${firstLine(fault.message)}); choose the wasm backend.`);
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

/** Throws LabError('memory') when one of the needs is larger than a buffer of this device can be. */
export function checkFits(limits: Pick<GPUSupportedLimits, 'maxBufferSize' | 'maxStorageBufferBindingSize'>, needs: Need[]): void {
  const most = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  for (const { what, bytes } of needs) {
    if (bytes <= most) continue;
    throw new LabError('memory', `${capitalised(what)} need ${megabytes(bytes)} MB in one GPU buffer, which holds at most ${megabytes(most)} MB here; choose smaller settings or the wasm backend.`);
  }
}

const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(bytes < 2 ** 24 ? 1 : 0);
const capitalised = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
const firstLine = (text: string): string => text.split('\n', 1)[0]!.trim().replace(/\.$/, '').slice(0, 160);
