/** Set-up in a project of its own, with an npm that only says that it was called. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';

const base = mkdtempSync(join(tmpdir(), 'setup-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
let root = base;
let count = 0;

const entry = (version: string, more = {}) => ({ version, integrity: `sha512-${version}`, ...more });
const LOCK = { '': { version: '0.1.0' }, 'node_modules/a': entry('1.0.0'), 'node_modules/b': entry('2.0.0'), 'node_modules/mac-only': entry('3.0.0', { optional: true }) };

function json(path: string, content: unknown): void {
  writeFileSync(join(root, path), JSON.stringify(content));
}

function setup(npmCode = 0) {
  writeFileSync(join(root, 'npm-cli.js'), `console.log('npm', process.argv.slice(2).join(' ')); process.exitCode = ${npmCode};`);
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'src/cli/setup.js')], { env: { ...process.env, npm_execpath: join(root, 'npm-cli.js') }, encoding: 'utf8' });
  return { status, stderr };
}

beforeEach(() => {
  root = join(base, String(count++));
  for (const folder of ['src/cli', 'node_modules/a', 'node_modules/b']) mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(fileURLToPath(new URL('./setup.js', import.meta.url)), join(root, 'src/cli/setup.js'));
  json('package.json', { type: 'module' });
  json('package-lock.json', { packages: LOCK });
  const { '': _root, 'node_modules/mac-only': _mac, ...present } = LOCK;
  json('node_modules/.package-lock.json', { packages: present });
});

describe('set-up', () => {
  it('leaves alone what is installed already', () => {
    expect(setup()).toEqual({ status: 0, stderr: 'Packages are up to date.\n' });
  });

  it.each([
    ['nothing is installed', () => rmSync(join(root, 'node_modules'), { recursive: true })],
    ['an install was interrupted', () => rmSync(join(root, 'node_modules/.package-lock.json'))],
    ['a version changed', () => json('package-lock.json', { packages: { ...LOCK, 'node_modules/b': entry('2.0.1') } })],
    ['a package was added', () => json('package-lock.json', { packages: { ...LOCK, 'node_modules/c': entry('1.0.0') } })],
    ['a package was taken out', () => json('package-lock.json', { packages: { ...LOCK, 'node_modules/b': undefined } })],
    ['a folder is missing', () => rmSync(join(root, 'node_modules/a'), { recursive: true })],
  ])('installs when %s', (_, change) => {
    change();
    const { status, stderr } = setup();
    expect(status).toBe(0);
    expect(stderr).toMatch(/npm ci --include=dev/);
  });

  it('ends in a sentence when npm fails', () => {
    rmSync(join(root, 'node_modules'), { recursive: true });
    const { status, stderr } = setup(1);
    expect(status).toBe(1);
    expect(stderr).toMatch(/could not be installed/);
  });
});
