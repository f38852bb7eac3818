/** Before the end-to-end tests: the page as it ships, built once for all of them into a temporary folder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder that holds the page under `lab/`: a sub-path, which the build must not know of. */
    built: string;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'priorscape-page-'));
  await build({ logLevel: 'error', build: { outDir: join(folder, 'lab'), emptyOutDir: true } });
  project.provide('built', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
