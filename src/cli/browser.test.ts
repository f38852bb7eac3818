import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { findChrome } from './browser.ts';
import { GPU_FLAGS, hardwareFlags } from './chrome-flags.ts';

const folder = mkdtempSync(join(tmpdir(), 'browser-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

/** A program that answers --version with an exit code. */
function program(name: string, code: number): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\nexit ${code}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe.skipIf(process.platform === 'win32')('findChrome', () => {
  it('takes PRIORSCAPE_CHROME before all others', () => {
    const [own, other] = [program('own', 0), program('other', 0)];
    vi.stubEnv('CHROME_PATH', other);
    vi.stubEnv('PRIORSCAPE_CHROME', own);
    expect(findChrome()).toBe(own);
    vi.stubEnv('PRIORSCAPE_CHROME', '');
    expect(findChrome()).toBe(other);
  });

  it('refuses a PRIORSCAPE_CHROME that does not start, and passes over other stubs', () => {
    vi.stubEnv('PRIORSCAPE_CHROME', join(folder, 'nothing'));
    expect(() => findChrome()).toThrow(/PRIORSCAPE_CHROME names .*nothing, which is not a browser that starts/);
    const stub = program('stub', 1);
    vi.stubEnv('PRIORSCAPE_CHROME', stub);
    expect(() => findChrome()).toThrow(/is not a browser that starts/);
    vi.stubEnv('PRIORSCAPE_CHROME', '');
    vi.stubEnv('CHROME_PATH', stub);
    expect(findChrome()).not.toBe(stub);
  });
});

it('asks for the software adapter only where it is meant', () => {
  expect(GPU_FLAGS).toContain('--use-webgpu-adapter=swiftshader');
  for (const platform of ['linux', 'darwin', 'win32'] as const) {
    expect(hardwareFlags(platform)).toContain('--enable-unsafe-webgpu');
    expect(hardwareFlags(platform).join(' ')).not.toContain('swiftshader');
  }
});
