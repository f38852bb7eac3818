/**
 * For GPU tests: the device, and the typed engine on wasm that the fused engine on this device is held against. Opened before a file's tests; after
 * them the device must have told of no fault.
 */
import { afterAll, beforeAll, expect } from 'vitest';
import type { Engine } from '../src/engine/contract.ts';
import { type LabDevice, openDevice } from '../src/engine/device.ts';
import { openTyped } from '../src/engine/tfjs/open-typed.ts';

export let device: LabDevice;
export let typed: Engine;

export function openBothEngines(): void {
  const told: string[] = [];
  beforeAll(async () => {
    device = await openDevice((sentence) => told.push(sentence));
    typed = await openTyped({ backend: 'wasm' });
  });
  afterAll(() => {
    device.close();
    expect(told).toEqual([]);
  });
}
