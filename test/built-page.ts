/** The page as it ships, built into a temporary folder and served, with a browser to open it in: for end-to-end tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { build, preview } from 'vite';
import { GPU_FLAGS } from '../src/cli/chrome-flags.ts';

export interface BuiltPage {
  address: string;
  browser: Browser;
  close(): Promise<void>;
}

export async function buildPage(): Promise<BuiltPage> {
  const folder = mkdtempSync(join(tmpdir(), 'priorscape-page-'));
  // Under a sub-path, which the build must not know of.
  await build({ logLevel: 'error', build: { outDir: join(folder, 'lab'), emptyOutDir: true } });
  const server = await preview({ logLevel: 'error', base: '/', build: { outDir: folder }, preview: { port: 0, host: '127.0.0.1' } });
  const listening = server.httpServer.address();
  if (listening === null || typeof listening === 'string') throw new Error('The preview server has no port.');
  const browser = await chromium.launch({ executablePath: process.env['PRIORSCAPE_CHROME'] ?? '/usr/bin/chromium', args: [...GPU_FLAGS] });
  return {
    address: `http://127.0.0.1:${listening.port}/lab/index.html`, browser,
    close: async () => {
      await browser.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
