/**
 * The maps in a browser: drawn in both schemes and held against committed pictures (test/pictures/, also the gallery),
 * and saved as SVG. PRIORSCAPE_PICTURES=update draws the pictures anew.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { decode, encode } from 'fast-png';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build, preview, type PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PICTURES = join(import.meta.dirname, 'pictures');
const UPDATE = process.env['PRIORSCAPE_PICTURES'] === 'update';
/** Of a map's coloured part, px. */
const [WIDTH, HEIGHT] = [270, 216];
let folder: string;
let server: PreviewServer;
let browser: Browser;
let address: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'priorscape-maps-'));
  await build({
    configFile: false, root: PICTURES, base: './', logLevel: 'error', plugins: [react()], publicDir: false,
    build: { outDir: folder, emptyOutDir: true, minify: false, rolldownOptions: { input: join(PICTURES, 'maps.html') } },
  });
  server = await preview({ configFile: false, logLevel: 'error', base: '/', build: { outDir: folder }, preview: { port: 0, host: '127.0.0.1' } });
  const listening = server.httpServer.address();
  if (listening === null || typeof listening === 'string') throw new Error('The preview server has no port.');
  address = `http://127.0.0.1:${listening.port}/maps.html`;
  browser = await chromium.launch({ executablePath: process.env['PRIORSCAPE_CHROME'] ?? '/usr/bin/chromium' });
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

async function opened(scheme: 'light' | 'dark'): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1404, height: 600 }, deviceScaleFactor: 1 })).newPage();
  await page.goto(`${address}#${scheme}`);
  await page.evaluate(() => document.fonts.ready);
  await page.locator('#broken canvas').waitFor();
  return page;
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Text is drawn differently on every machine: pixels in and around it are not compared. */
const textBoxes = (page: Page): Promise<Box[]> =>
  page.evaluate(() => [...document.querySelectorAll('text, [data-caption]')].map((text) => text.getBoundingClientRect()).map(({ x, y, width, height }) => ({ x: x - 6, y: y - 4, width: width + 12, height: height + 8 })));

/** Pixels outside the boxes whose colours differ by more than a little, as a share of all, and the greatest mean difference of a 32×32 tile. */
function difference(one: Uint8Array, other: Uint8Array, hidden: readonly Box[]): { differing: number; worstTile: number } {
  const [was, is] = [decode(one), decode(other)];
  expect([is.width, is.height]).toEqual([was.width, was.height]);
  const { width, height } = is;
  const masked = new Uint8Array(width * height);
  for (const box of hidden) for (let y = Math.max(0, Math.floor(box.y)); y < Math.min(height, box.y + box.height); y++) masked.fill(1, y * width + Math.max(0, Math.floor(box.x)), y * width + Math.max(0, Math.min(width, Math.ceil(box.x + box.width))));
  const across = Math.ceil(width / 32);
  const tiles = new Float64Array(across * Math.ceil(height / 32));
  let differing = 0;
  for (let k = 0; k < width * height; k++) {
    if (masked[k]) continue;
    let most = 0;
    for (let c = 0; c < 3; c++) most = Math.max(most, Math.abs(was.data[k * was.channels + c]! - is.data[k * is.channels + c]!));
    if (most > 24) differing++;
    tiles[Math.floor(k / width / 32) * across + Math.floor((k % width) / 32)]! += most / 1024;
  }
  return { differing: differing / (width * height), worstTile: Math.max(...tiles) };
}

/** The browser compresses for speed. */
function small(png: Uint8Array): Uint8Array {
  const { width, height, data, channels } = decode(png);
  return encode({ width, height, data, channels }, { zlib: { level: 9 } });
}

describe('the maps', () => {
  it.each(['light', 'dark'] as const)('look as in the committed picture, %s', async (scheme) => {
    const page = await opened(scheme);
    const picture = await page.screenshot({ fullPage: true });
    const path = join(PICTURES, `maps-${scheme}.png`);
    if (UPDATE || !existsSync(path)) writeFileSync(path, small(picture));
    const { differing, worstTile } = difference(readFileSync(path), picture, await textBoxes(page));
    expect(differing).toBeLessThan(0.0005);
    expect(worstTile).toBeLessThan(2);
    await page.close();
  });

  it('are saved as a whole SVG whose contours are those of the field', async () => {
    const page = await opened('light');
    const found = await page.evaluate(() => {
      const root = new DOMParser().parseFromString(window.saved('loss'), 'image/svg+xml');
      const texts = [...root.querySelectorAll('text')].map((text) => text.textContent);
      const contours = [...root.querySelectorAll('path[data-level]')].map((path) => ({ level: Number(path.getAttribute('data-level')), d: path.getAttribute('d') ?? '', box: null }));
      const frame = root.querySelector('path[data-level]')?.closest('svg');
      const map = document.querySelector('#loss canvas')!.getBoundingClientRect();
      const figure = document.querySelector('#loss')!.getBoundingClientRect();
      return {
        faults: root.querySelectorAll('parsererror').length, texts, contours, legend: root.querySelectorAll('[data-legend] rect').length, transient: root.querySelectorAll('[data-transient]').length,
        frame: ['x', 'y', 'width', 'height'].map((name) => Number(frame?.getAttribute(name))), map: [map.x - figure.x + 16, map.y - figure.y + 16, map.width, map.height],
      };
    });
    expect(found.faults).toBe(0);
    expect(found.legend).toBe(16);
    expect(found.texts).toEqual(expect.arrayContaining(['Train NLL', 'towards plain (parameter units)', 'towards low-rank (parameter units)', 'pre-trained', 'test min', 'L2-SP, 3.1 off']));
    expect(found.texts.some((text) => text?.startsWith('gap '))).toBe(true);
    expect(found.texts.some((text) => text?.endsWith(' nats'))).toBe(true);
    expect(found.frame).toEqual(found.map.map((value) => expect.closeTo(value, 3)));

    // The field of the picture, in its pixels: ½·(0.05 along 0.5 rad, 0.6 across) around (5.2, 1), lowest 0.11.
    const value = (px: number, py: number) => {
      const [x, y] = [-2 + (10 * px) / WIDTH - 5.2, 5 - (8 * py) / HEIGHT - 1];
      const [along, across] = [x * Math.cos(0.5) + y * Math.sin(0.5), -x * Math.sin(0.5) + y * Math.cos(0.5)];
      return 0.11 + 0.5 * (0.05 * along * along + 0.6 * across * across);
    };
    expect(found.contours.length).toBeGreaterThan(10);
    for (const { level, d } of found.contours) {
      const numbers = d.match(/-?[\d.]+/g)!.map(Number);
      let inside = 0;
      for (let i = 0; i + 1 < numbers.length; i += 2) {
        const [px, py] = [numbers[i]!, numbers[i + 1]!];
        if (!(px > 1 && px < WIDTH - 1 && py > 1 && py < HEIGHT - 1)) continue;
        inside++;
        // A pixel of a steep slope, and the bend within a cell.
        expect(Math.abs(value(px, py) - level)).toBeLessThan(0.015 + 0.02 * level);
      }
      expect(inside).toBeGreaterThan(8);
    }
    await page.close();
  });
});
