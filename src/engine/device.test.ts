import { describe, expect, it } from 'vitest';
import { LabError } from '../core/errors.ts';
import { adapterName, checkFits, inErrorScopes, openDevice } from './device.ts';

/** A GPUDevice as far as the module looks: events, loss, error scopes that catch what is queued. */
class FakeDevice extends EventTarget {
  requested: GPUDeviceDescriptor | undefined;
  caught: (GPUError | null)[] = [];
  depth = 0;
  lose: (info: GPUDeviceLostInfo) => void = () => {};
  readonly lost = new Promise<GPUDeviceLostInfo>((resolve) => {
    this.lose = resolve;
  });
  destroy(): void {
    this.lose({ reason: 'destroyed', message: 'Device was destroyed.' } as GPUDeviceLostInfo);
  }
  pushErrorScope(): void {
    this.depth++;
  }
  async popErrorScope(): Promise<GPUError | null> {
    this.depth--;
    return this.caught.shift() ?? null;
  }
}

function fakeApi(device: FakeDevice | null): GPU {
  const limits = { maxBufferSize: 1000, maxStorageBufferBindingSize: 900 };
  const adapter = device && {
    limits, features: new Set(['shader-f16', 'texture-compression-bc']), info: { vendor: 'apple', architecture: 'metal-3', description: '' },
    requestDevice: async (descriptor: GPUDeviceDescriptor) => {
      device.requested = descriptor;
      return device;
    },
  };
  return { requestAdapter: async () => adapter } as unknown as GPU;
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('the device', () => {
  it('refuses in a sentence where there is no WebGPU or no adapter', async () => {
    const nothing = () => {};
    await expect(openDevice(nothing, fakeApi(null))).rejects.toThrow(/no graphics adapter/);
    await expect(openDevice(nothing, undefined)).rejects.toBeInstanceOf(LabError);
  });

  it('asks for the adapter\'s own limits and only for features it has', async () => {
    const device = new FakeDevice();
    const opened = await openDevice(() => {}, fakeApi(device));
    expect(device.requested?.requiredFeatures).toEqual(['shader-f16']);
    expect(device.requested?.requiredLimits).toMatchObject({ maxBufferSize: 1000, maxStorageBufferBindingSize: 900 });
    expect(opened.adapter).toMatchObject({ name: 'apple metal-3', software: false });
  });

  it('tells a loss once, and to those who ask later', async () => {
    const device = new FakeDevice();
    const told: string[] = [];
    const opened = await openDevice((sentence) => told.push(sentence), fakeApi(device));
    const heard: string[] = [];
    opened.whenFailed((failure) => heard.push(failure.message));
    opened.whenFailed(() => heard.push('stopped'))();
    device.dispatchEvent(Object.assign(new Event('uncapturederror', { cancelable: true }), { error: { message: 'bad binding\nmore' } }));
    device.lose({ reason: 'unknown', message: '' } as GPUDeviceLostInfo);
    await settled();
    expect(told).toEqual(['The GPU reported an error (bad binding); run again, or choose the wasm backend.']);
    expect(heard).toEqual(told);
    opened.whenFailed((failure) => heard.push(failure.kind));
    expect(heard.at(-1)).toBe('device');
  });

  it('does not report what we closed ourselves', async () => {
    const device = new FakeDevice();
    const told: string[] = [];
    const opened = await openDevice((sentence) => told.push(sentence), fakeApi(device));
    opened.close();
    await settled();
    expect([told, opened.failure]).toEqual([[], null]);
  });
});

describe('error scopes', () => {
  const run = (caught: (GPUError | null)[], work = async () => 7): [FakeDevice, Promise<number>] => {
    const device = new FakeDevice();
    device.caught = caught;
    return [device, inErrorScopes(device as unknown as GPUDevice, 'the first training step', work)];
  };
  const fault = { message: 'Dispatch too large' } as GPUError;

  it('give the value through and are balanced, also when the work throws', async () => {
    const [device, value] = run([]);
    expect(await value).toBe(7);
    const [other, failed] = run([], () => Promise.reject(new Error('own')));
    await expect(failed).rejects.toThrow('own');
    expect([device.depth, other.depth]).toEqual([0, 0]);
  });

  // Popped in the order internal, out of memory, validation.
  it('name what was refused', async () => {
    await expect(run([null, null, fault])[1]).rejects.toMatchObject({ kind: 'device', message: expect.stringContaining('the first training step (Dispatch too large)') });
    await expect(run([null, fault, fault])[1]).rejects.toMatchObject({ kind: 'memory' });
    await expect(run([fault], () => Promise.reject(new Error('own')))[1]).rejects.toMatchObject({ kind: 'device' });
  });
});

describe('names and sizes', () => {
  it('knows software adapters', () => {
    expect(adapterName({ vendor: 'google', architecture: 'swiftshader', description: '' })).toEqual({ name: 'google swiftshader', software: true });
    expect(adapterName({ vendor: 'microsoft', architecture: '', description: 'Microsoft Basic Render Driver' }).software).toBe(true);
    expect(adapterName({ vendor: 'mesa', architecture: '', description: 'llvmpipe (LLVM 15)' }).software).toBe(true);
    expect(adapterName({ vendor: 'nvidia', architecture: 'ampere', description: '', isFallbackAdapter: true }).software).toBe(true);
    expect(adapterName({ vendor: '', architecture: '', description: '' })).toEqual({ name: 'unnamed GPU', software: false });
  });

  it('refuses what no buffer can hold', () => {
    const limits = { maxBufferSize: 256 * 2 ** 20, maxStorageBufferBindingSize: 128 * 2 ** 20 };
    expect(() => checkFits(limits, [{ what: 'the training images', bytes: 128 * 2 ** 20 }])).not.toThrow();
    expect(() => checkFits(limits, [{ what: 'the training images', bytes: 200 * 2 ** 20 }]))
      .toThrow('The training images need 200 MB in one GPU buffer, which holds at most 128 MB here; choose smaller settings or the wasm backend.');
  });
});
