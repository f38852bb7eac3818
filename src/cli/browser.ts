/**
 * The browser that tests and the headless lab run in: finds a Chrome or Chromium, installs one only if there is none,
 * and launches it on the machine's GPU or on the software adapter.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { LabError } from '../core/errors.ts';
import { GPU_FLAGS, hardwareFlags } from './chrome-flags.ts';

/** `auto`: the machine's GPU when Chromium can use it, else the software adapter. */
export type GpuChoice = 'auto' | 'software';

const NAMES = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'chrome'];

/** Where installers put it, likeliest first. */
function usualPlaces(): string[] {
  const { env, platform } = process;
  switch (platform) {
    case 'darwin':
      return ['', homedir()].flatMap((root) => ['Google Chrome', 'Chromium', 'Google Chrome Canary', 'Microsoft Edge']
        .map((app) => join(root || '/', 'Applications', `${app}.app`, 'Contents', 'MacOS', app)));
    case 'win32':
      return [env['PROGRAMFILES'], env['PROGRAMFILES(X86)'], env['LOCALAPPDATA']].flatMap((root) => (root === undefined ? [] : [
        join(root, 'Google', 'Chrome', 'Application', 'chrome.exe'), join(root, 'Chromium', 'Application', 'chrome.exe'),
        join(root, 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
      ]));
    default:
      return ['/usr/bin', '/usr/local/bin', '/snap/bin'].flatMap((folder) => NAMES.map((name) => join(folder, name))).concat('/opt/google/chrome/chrome');
  }
}

function onPath(): string[] {
  const ending = process.platform === 'win32' ? '.exe' : '';
  return (process.env['PATH'] ?? '').split(delimiter).filter(Boolean).flatMap((folder) => NAMES.map((name) => join(folder, name + ending)));
}

/** Playwright's own cache: the revision it would install, then any other that is there, newest first. */
function playwrightCache(): string[] {
  const own = chromium.executablePath();
  const [root, rest] = own.split(/[\\/]chromium-\d+[\\/]/);
  if (root === undefined || rest === undefined || !existsSync(root)) return [own];
  const revisions = readdirSync(root).filter((name) => /^chromium-\d+$/.test(name)).sort((a, b) => Number(b.slice(9)) - Number(a.slice(9)));
  return [own, ...revisions.map((revision) => join(root, revision, rest))];
}

/** It exists and answers: Ubuntu's /usr/bin/chromium-browser may be a stub that only asks for snap. */
function works(path: string): boolean {
  if (!existsSync(path)) return false;
  if (process.platform === 'win32') return true; // there, --version opens a window
  return spawnSync(path, ['--version'], { timeout: 20_000, stdio: 'ignore' }).status === 0;
}

/** Path of a Chrome or Chromium, null when there is none. Throws LabError when PRIORSCAPE_CHROME names something else. */
export function findChrome(): string | null {
  const named = process.env['PRIORSCAPE_CHROME'];
  if (named) {
    if (works(named)) return named;
    throw new LabError('device', `PRIORSCAPE_CHROME names ${named}, which is not a browser that starts; correct it or unset it.`);
  }
  const hinted = process.env['CHROME_PATH'];
  const candidates = [...(hinted ? [hinted] : []), ...usualPlaces(), ...onPath(), ...playwrightCache()];
  return [...new Set(candidates)].find(works) ?? null;
}

function run(command: string, args: string[]): boolean {
  return spawnSync(command, args, { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
}

function isDebian(): boolean {
  return process.platform === 'linux' && existsSync('/etc/os-release') && /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));
}

/** A Chrome or Chromium, installed if there was none. `say` is told before anything is installed. Throws LabError('device'). */
export function ensureChrome(say: (sentence: string) => void = console.error): string {
  const present = findChrome();
  if (present) return present;
  const root = process.getuid?.() === 0;
  if (root && isDebian()) {
    say('No Chrome or Chromium was found; installing the package chromium.');
    if (run('apt-get', ['update', '-qq']) && run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'])) {
      const installed = findChrome();
      if (installed) return installed;
    }
  }
  say('No Chrome or Chromium was found; fetching one with Playwright.');
  const playwright = join(dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')), 'cli.js');
  const withLibraries = root && process.platform === 'linux' ? ['--with-deps'] : [];
  if (run(process.execPath, [playwright, 'install', '--no-shell', ...withLibraries, 'chromium'])) {
    const installed = findChrome();
    if (installed) return installed;
  }
  throw new LabError('device', 'No Chrome or Chromium was found and none could be installed; install one, or name it in PRIORSCAPE_CHROME.');
}

/** A headless browser with WebGPU. Signals stay with the caller, who may want to finish something first. Throws LabError('device'). */
export async function launch({ gpu }: { gpu: GpuChoice }): Promise<Browser> {
  const executablePath = ensureChrome();
  const start = async (args: readonly string[]): Promise<Browser> => {
    try {
      return await chromium.launch({ executablePath, headless: true, args: [...args], handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false });
    } catch (error) {
      throw new LabError('device', `${executablePath} could not be started; try it by hand, or name another browser in PRIORSCAPE_CHROME.`, { cause: error });
    }
  };
  if (gpu === 'software') return start(GPU_FLAGS);
  const browser = await start(hardwareFlags(process.platform));
  if (await hasGpu(browser)) return browser;
  await browser.close();
  return start(GPU_FLAGS);
}

/** Whether WebGPU reaches a GPU that is not software, and a device can be had of it. */
async function hasGpu(browser: Browser): Promise<boolean> {
  const page = await browser.newPage();
  try {
    // Only a secure context has navigator.gpu; nothing leaves the machine.
    await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>GPU</title>' }));
    await page.goto('http://localhost/');
    return await page.evaluate(async () => {
      const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), 10_000));
      const adapter = await Promise.race([navigator.gpu?.requestAdapter() ?? null, late]);
      if (!adapter || adapter.info.isFallbackAdapter || /swiftshader|llvmpipe/i.test(`${adapter.info.architecture} ${adapter.info.description} ${adapter.info.device}`)) return false;
      const device = await Promise.race([adapter.requestDevice(), late]);
      device?.destroy();
      return device !== null;
    });
  } catch {
    return false; // a GPU process that dies on the first try is no GPU to rely on
  } finally {
    await page.close().catch(() => undefined);
  }
}
