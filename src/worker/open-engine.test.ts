import { describe, expect, it } from 'vitest';
import { LabError } from '../core/errors.ts';
import type { Engine, EngineInfo } from '../engine/contract.ts';
import { type EngineMakers, openEngine } from './open-engine.ts';
import type { BackendChoice, EngineChoice } from './protocol.ts';

const GPU: EngineInfo = { engine: 'fused', backend: 'webgpu', adapter: 'Example GPU', software: false, workers: 1 };
const WASM: EngineInfo = { engine: 'tfjs', backend: 'wasm', adapter: null, software: false, workers: 2 };

const disposed: EngineInfo[] = [];
function fake(info: EngineInfo): Engine {
  const unused = () => Promise.reject(new Error('not used here'));
  return { info, load: unused, unload: unused, populate: unused, evaluate: unused, squaredGradients: unused, features: unused, dispose: async () => { disposed.push(info); } };
}

function makers(overrides: Partial<EngineMakers> & { ms?: Record<string, number> } = {}): EngineMakers {
  return {
    fused: async () => fake(GPU),
    autodiff: async (backend) => fake({ ...GPU, engine: 'tfjs', backend }),
    processor: async (backend) => fake({ ...WASM, backend }),
    time: async ({ info }) => overrides.ms?.[info.backend] ?? 1,
    ...overrides,
  };
}
const noGpu = () => Promise.reject(new LabError('device', 'This browser has no WebGPU.'));
const open = (backend: BackendChoice, made: EngineMakers, engine: EngineChoice = 'auto') => openEngine({ backend, engine }, made, () => undefined);

describe('openEngine', () => {
  it.each([[2, 5, 'webgpu'], [5, 2, 'wasm']])('takes the faster: %i ms on the GPU, %i ms on the processor', async (webgpu, wasm, expected) => {
    disposed.length = 0;
    const { engine, note } = await open('auto', makers({ ms: { webgpu, wasm } }));
    expect(engine.info.backend).toBe(expected);
    expect(disposed.map((info) => info.backend)).toEqual([expected === 'wasm' ? 'webgpu' : 'wasm']);
    expect(note).toMatch(/2\.0 ms.*5\.0 ms/);
  });

  it('uses WebAssembly on a software adapter, without a timing, and says so', async () => {
    const { engine, note } = await open('auto', makers({
      fused: async () => fake({ ...GPU, adapter: 'SwiftShader', software: true }), time: () => Promise.reject(new Error('timed')),
    }));
    expect(engine.info.backend).toBe('wasm');
    expect(note).toContain('software adapter (SwiftShader)');
  });

  it('falls back where there is no WebGPU, and to plain JavaScript where WebAssembly fails too', async () => {
    expect((await open('auto', makers({ fused: noGpu }))).note).toBe('This browser has no WebGPU. The lab runs on WebAssembly on the processor (2 workers) instead.');
    const plain = await open('auto', makers({
      fused: noGpu, processor: (backend) => (backend === 'cpu' ? Promise.resolve(fake({ ...WASM, backend })) : Promise.reject(new Error('blocked'))),
    }));
    expect(plain.engine.info.backend).toBe('cpu');
  });

  it('keeps whichever engine is left when the other fails its timing or does not start', async () => {
    const failing = await open('auto', makers({ time: ({ info }) => (info.backend === 'webgpu' ? Promise.reject(new Error('shader')) : Promise.resolve(1)) }));
    expect(failing.engine.info.backend).toBe('wasm');
    const alone = await open('auto', makers({ processor: () => Promise.reject(new Error('blocked')) }));
    expect(alone.engine.info.backend).toBe('webgpu');
  });

  it('blames the one that failed its timing', async () => {
    const { engine, note } = await open('auto', makers({ time: ({ info }) => (info.backend === 'wasm' ? Promise.reject(new Error('out of memory')) : Promise.resolve(1)) }));
    expect(engine.info.backend).toBe('webgpu');
    expect(note).toMatch(/WebAssembly failed a short timing/);
  });

  it('hears of the end of the engine in use, and not of one that was passed over', async () => {
    const told: string[] = [];
    const ends: Record<string, (sentence: string) => void> = {};
    const made = (ms: Record<string, number>, time?: EngineMakers['time']) => makers({
      ms, ...(time ? { time } : {}),
      fused: async (onFatal) => fake((ends['webgpu'] = onFatal, GPU)),
      processor: async (backend, onFatal) => fake((ends['wasm'] = onFatal!, { ...WASM, backend })),
    });
    const listen = (choice: EngineMakers) => openEngine({ backend: 'auto', engine: 'auto' }, choice, (sentence) => told.push(sentence));
    const lost = await listen(made({}, async ({ info }) => {
      if (info.backend !== 'webgpu') return 1;
      ends['webgpu']!('The GPU was lost in the timing.');
      throw new Error('lost');
    }));
    expect([lost.engine.info.backend, told]).toEqual(['wasm', []]);
    ends['wasm']!('A compute worker stopped.');
    expect(told.splice(0)).toEqual(['A compute worker stopped.']);
    await listen(made({ webgpu: 1, wasm: 2 }));
    ends['wasm']!('A compute worker stopped.');
    ends['webgpu']!('The GPU was lost.');
    expect(told).toEqual(['The GPU was lost.']);
  });

  it('takes the engine asked for, and refuses the fused one off WebGPU', async () => {
    expect((await open('webgpu', makers())).engine.info.engine).toBe('fused');
    expect((await open('webgpu', makers(), 'tfjs')).engine.info).toMatchObject({ engine: 'tfjs', backend: 'webgpu' });
    expect((await open('auto', makers({ ms: { webgpu: 9, wasm: 1 } }), 'fused')).engine.info.engine).toBe('fused');
    expect((await open('auto', makers({ ms: { webgpu: 1, wasm: 9 } }), 'tfjs')).engine.info).toMatchObject({ engine: 'tfjs', backend: 'webgpu' });
    await expect(open('wasm', makers(), 'fused')).rejects.toThrow(/fused engine runs on WebGPU, not on wasm/);
  });

  it('never replaces a backend asked for by name', async () => {
    await expect(open('webgpu', makers({ fused: noGpu }))).rejects.toThrow('This browser has no WebGPU.');
    expect((await open('cpu', makers())).engine.info.backend).toBe('cpu');
  });
});
