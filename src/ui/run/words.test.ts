import { describe, expect, it } from 'vitest';
import { STAGES } from '../../experiment/config/settings.ts';
import { reduce } from '../reduce.ts';
import { edited } from '../settings/edit.ts';
import { basisOf, createLabStore } from '../store.ts';
import { blockedBy, deviceWords, guidance } from './words.ts';

const INFO = { engine: 'tfjs', backend: 'wasm', adapter: null, software: false, workers: 2 } as const;

function finishedLab() {
  const store = createLabStore();
  const device = { state: 'open' as const, info: INFO, note: null };
  let { picture } = store.getState();
  for (const stage of STAGES) picture = reduce(picture, { kind: 'stage', stage, state: 'done', reused: false });
  store.setState({ device, picture, shown: basisOf(store.getState()) });
  return store;
}

describe('what the bar says', () => {
  it('keeps Run off until the lab is open and every setting fits', () => {
    const store = createLabStore();
    expect(blockedBy(store.getState())).toBe('The lab is starting.');
    store.setState({ device: { state: 'open', info: INFO, note: null } });
    expect(blockedBy(store.getState())).toBeNull();
    store.setState({ settings: edited(store.getState().settings, { seeds: 0 }) });
    expect(blockedBy(store.getState())).toMatch(/^Seeds takes a whole number/);
  });

  it('names what a change makes out of date, in the order of the page', () => {
    const store = finishedLab();
    expect(guidance(store.getState())).toMatch(/^Finished/);
    store.setState({ settings: edited(store.getState().settings, { 'downstream.n': 50 }) });
    expect(guidance(store.getState())).toBe('Changed: Training images n. Out of date: Downstream, Verdict, Loss surface.');
  });

  it('names the device', () => {
    expect(deviceWords(INFO)).toBe('2 CPU cores · WebAssembly');
    expect(deviceWords({ ...INFO, backend: 'webgpu', adapter: 'Apple M3' })).toBe('Apple M3 · WebGPU');
  });
});
