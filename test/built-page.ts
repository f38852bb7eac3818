/** The page as it ships (build-once.ts), served, with a browser to open it in: for end-to-end tests. */
import { type Browser, chromium } from 'playwright-core';
import { preview } from 'vite';
import { inject } from 'vitest';
import { GPU_FLAGS } from '../src/cli/chrome-flags.ts';

/** How Chromium is started. */
export const LAUNCH = { executablePath: process.env['PRIORSCAPE_CHROME'] ?? '/usr/bin/chromium', args: [...GPU_FLAGS] };

export interface ServedPage {
  address: string;
  close(): Promise<void>;
}

export interface BuiltPage extends ServedPage {
  browser: Browser;
}

export async function servePage(): Promise<ServedPage> {
  const server = await preview({ logLevel: 'error', base: '/', build: { outDir: inject('built') }, preview: { port: 0, host: '127.0.0.1' } });
  const listening = server.httpServer.address();
  if (listening === null || typeof listening === 'string') throw new Error('The preview server has no port.');
  return { address: `http://127.0.0.1:${listening.port}/lab/index.html`, close: () => server.close() };
}

export async function openPage(): Promise<BuiltPage> {
  const { address, close } = await servePage();
  const browser = await chromium.launch(LAUNCH);
  return {
    address, browser,
    close: async () => {
      await browser.close();
      await close();
    },
  };
}
