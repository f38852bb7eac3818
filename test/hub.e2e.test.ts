/**
 * Data of the Hub in a browser, with a local stand-in for it: a set is looked up, read, kept, run to a verdict and looked at; with the stand-in gone it is
 * still there at the next visit. PRIORSCAPE_PICTURES names a folder for screenshots.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { barImages, imageParquet, StandInHub } from '../src/data/hub/testing.ts';
import { LAUNCH, ready, servePage, type ServedPage } from './built-page.ts';

const RUN_LIMIT = 120_000;
let folder: string;
let served: ServedPage;
let context: BrowserContext;
let hub: StandInHub;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'priorscape-hub-'));
  const train = barImages(500, { seed: 1, size: 28 });
  const test = barImages(300, { seed: 2, size: 28 });
  // Near-duplicates for the dialog to find.
  for (let i = 0; i < 5; i++) test.rows[40 + 4 * i] = train.rows[4 * i]!;
  hub = await StandInHub.start({ 'someone/bars': { licence: 'mit', configs: { default: { train: [imageParquet(train)], test: [imageParquet(test)] } } } });
  served = await servePage();
  // A profile on disk: what a page keeps in private windows goes with them.
  context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    ...LAUNCH, viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce',
  });
});

afterAll(async () => {
  await context?.close();
  await served?.close();
  await hub?.close().catch(() => undefined);
  if (folder) rmSync(folder, { recursive: true, force: true });
});

async function opened(hash: string): Promise<Page> {
  const page = await context.newPage();
  // The address of the last visit comes late, after another one was typed.
  await page.addInitScript(() => {
    const open = caches.open.bind(caches);
    caches.open = async (name) => {
      await new Promise((resolve) => setTimeout(resolve, 1500));
      return open(name);
    };
  });
  await page.goto(served.address + hash);
  await ready(page);
  return page;
}

async function picture(page: Page, name: string): Promise<void> {
  const to = process.env['PRIORSCAPE_PICTURES'];
  if (to) await page.screenshot({ path: join(to, `${name}.png`) });
}

it('a set of the Hub is read, run, looked at, and there again without a network', async () => {
  const page = await opened('#preset=smoke');
  const panel = page.getByRole('region', { name: 'Downstream', exact: true });
  await panel.getByRole('button', { name: 'Add data' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Hub address').fill(hub.url);
  await page.waitForTimeout(2000);
  expect(await dialog.getByLabel('Hub address').inputValue()).toBe(hub.url);
  await dialog.getByLabel('Any other image set').fill('someone/nothing');
  await dialog.getByRole('button', { name: 'Look it up' }).click();
  await dialog.getByText('shows no public data set “someone/nothing”').waitFor();
  await dialog.getByLabel('Any other image set').fill(`${hub.url}/datasets/someone/bars`);
  await dialog.getByRole('button', { name: 'Look it up' }).click();
  await dialog.getByText('Licence: mit').waitFor();
  await picture(page, 'hub-start');
  await dialog.getByRole('button', { name: 'Read someone/bars' }).click();
  await dialog.getByText('someone/bars on the Hub: 800 images in 2 Parquet files').waitFor();
  await picture(page, 'hub-form');
  await dialog.getByRole('button', { name: 'Use as downstream data' }).click();
  await dialog.waitFor({ state: 'hidden' });
  const choice = panel.getByLabel('Downstream data');
  await expect.poll(() => choice.inputValue()).toBe('bars');

  await page.getByRole('group', { name: 'Run the experiment' }).getByRole('button', { name: /^(Run|Go on)/ }).click();
  await page.getByText(/^Finished/).waitFor({ timeout: RUN_LIMIT });
  expect(await page.getByRole('region', { name: 'Verdict', exact: true }).locator('tbody tr').count()).toBeGreaterThan(3);

  await panel.getByRole('button', { name: 'Look closer' }).click();
  for (const [tab, words] of [
    ['Classes', /Classes are balanced/], ['Near-duplicates', /5 of 300 test images have a near-duplicate among 500 images to learn from/],
    ['Source and downstream', /Compared with the source, downstream images are/], ['All images', /800 images, 28×28 pixels each/],
  ] as const) {
    await page.getByRole('tab', { name: tab }).click();
    await page.getByText(words).waitFor();
    if (tab === 'All images') await page.getByRole('region', { name: 'All 800 images' }).locator('canvas').first().waitFor();
    await picture(page, `look-${tab.toLowerCase().replaceAll(' ', '-')}`);
  }
  await page.getByRole('tab', { name: 'Label suspects' }).click();
  await page.getByRole('button', { name: 'Ask the networks' }).click();
  await expect.poll(async () => {
    // A loss map that is measured after the run may take its place.
    const again = page.getByRole('button', { name: 'Ask again' });
    if (await again.isVisible()) await again.click();
    return page.getByRole('dialog').innerText();
  }, { timeout: 60_000, interval: 500 }).toMatch(/of \d+ held-out images whose label|every one as it is labelled/);
  await picture(page, 'look-suspects');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('tab', { name: 'Classes' }).click();
  await page.getByText(/Classes are balanced/).waitFor();
  await picture(page, 'look-phone');
  await page.setViewportSize({ width: 1440, height: 900 });
  const hash = new URL(page.url()).hash;
  await page.close();

  const asked = hub.log.length;
  await hub.close();
  const again = await opened(hash);
  const there = again.getByRole('region', { name: 'Downstream', exact: true }).getByLabel('Downstream data');
  await expect.poll(() => there.inputValue()).toBe('bars');
  await expect.poll(() => there.locator('option:checked').innerText()).toBe('bars');
  await again.getByRole('region', { name: 'Downstream', exact: true }).getByRole('button', { name: 'Add data' }).click();
  await again.getByText('Kept on this machine').waitFor();
  await picture(again, 'hub-kept');
  await again.getByRole('button', { name: 'Remove the kept copy of bars' }).click();
  await again.getByText('Kept on this machine').waitFor({ state: 'hidden' });
  expect(hub.log).toHaveLength(asked);
  await again.close();
}, 180_000);

it('lab run takes a set of the Hub by its id', async () => {
  const other = await StandInHub.start({ 'someone/bars': { configs: { default: { train: [imageParquet(barImages(300, { size: 28 }))] } } } });
  const config = join(folder, 'config.json');
  writeFileSync(config, JSON.stringify({ preset: 'smoke', 'downstream.data': 'mine', 'arms': ['none', 'l2-sp'], 'downstream.n': 20, 'downstream.test': 100 }));
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/lab.ts', 'run', config, '--out', join(folder, 'out'), '--backend', 'wasm', '--hub', other.url, '--data', 'mine=hub:someone/bars?rows=200'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const code = await new Promise((resolve) => child.on('exit', resolve));
  await other.close();
  expect(told).toMatch(/mine: someone\/bars on the Hub: 200 images/);
  expect(code, told).toBe(0);
  const result = JSON.parse(readFileSync(join(folder, 'out', 'result.json'), 'utf8')) as { arms: unknown[] };
  expect(result.arms.length).toBeGreaterThan(0);
}, 180_000);
