/** The page as it ships (build-once.ts), served, with a browser to open it in: for end-to-end tests. */
import { type Browser, chromium, type Page } from 'playwright-core';
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

export interface OpenedTab {
  page: Page;
  /** What went wrong in the page, as far as the console knows. */
  errors: string[];
}

/** A visit of its own, with the settings of `hash`, ready to run. */
export async function openTab({ address, browser }: BuiltPage, hash: string, viewport = { width: 1440, height: 900 }): Promise<OpenedTab> {
  const page = await (await browser.newContext({ viewport, reducedMotion: 'reduce' })).newPage();
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(address + hash);
  await ready(page);
  return { page, errors };
}

/** The device is known: a run can start. */
export async function ready(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Device: (?!Starting)/ }).waitFor({ timeout: 90_000 });
}
