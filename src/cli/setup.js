// @ts-check
/**
 * Set-up before anything else runs: checks Node, then installs what package-lock.json names unless it is there already.
 * Plain JavaScript without dependencies, because node_modules may not exist yet. `--quiet` says nothing when all is well.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const OLDEST = [20, 19];

/** @typedef {Record<string, { version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, peer?: boolean, link?: boolean }>} Packages */

/** @param {string} sentence @returns {never} */
function stop(sentence) {
  console.error(sentence);
  process.exit(1);
}

/** @param {string} file @returns {Packages} */
function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
}

/**
 * npm writes node_modules/.package-lock.json last, so an interrupted install has none. It lists what is installed; the
 * project's lock lists what should be, where `optional` packages of other platforms may be missing.
 */
function isInstalled() {
  const record = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = packagesOf(join(ROOT, 'package-lock.json'));
  const present = packagesOf(record);
  const same = Object.entries(present).every(([path, entry]) => wanted[path] !== undefined
    && wanted[path].version === entry.version && wanted[path].integrity === entry.integrity && existsSync(join(ROOT, path)));
  return same && Object.entries(wanted).every(([path, entry]) => path === '' || entry.optional || entry.devOptional || present[path] !== undefined);
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  stop(`Priorscape needs Node ${OLDEST.join('.')} or newer, and this is Node ${process.versions.node}; install a newer one from https://nodejs.org and try again.`);
}

if (!isInstalled()) {
  console.error('Installing what package-lock.json names (npm ci); this takes a minute the first time.');
  const npm = process.env['npm_execpath'];
  const options = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  // Under `npm start` the path of npm itself is known; otherwise it is the one on PATH.
  const outcome = npm !== undefined && /npm-cli\.[cm]?js$/.test(npm)
    ? spawnSync(process.execPath, [npm, ...options], { cwd: ROOT, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', options, { cwd: ROOT, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (outcome.status !== 0) stop('The packages could not be installed; see what npm says above, check the network and try again.');
} else if (!process.argv.includes('--quiet')) {
  console.error('Packages are up to date.');
}
