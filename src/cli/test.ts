/**
 * `npm test`: every gate of the project one after the other, all of them even when one fails. Types, lint and the build
 * count as one test each; the rest is counted by Vitest. The last line is the sum: `tests: N passed, M failed`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LabError } from '../core/errors.ts';
import { ensureChrome } from './browser.ts';
import { addCounts, type Counts, countsOf, NONE, sumLine } from './test-counts.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** A gate that takes longer than this hangs. */
const LONGEST_MINUTES = 15;
const FAILED: Counts = { passed: 0, failed: 1, skipped: 0 };

interface Gate {
  name: string;
  run(folder: string): Promise<Counts>;
}

const GATES: Gate[] = [
  { name: 'types', run: () => single('typescript', 'tsc', ['--pretty', 'false']) },
  { name: 'lint', run: () => single('eslint', 'eslint', ['.']) },
  { name: 'unit', run: (folder) => vitest('unit', folder) },
  { name: 'gpu', run: (folder) => inBrowser('gpu', folder) },
  { name: 'build', run: () => single('vite', 'vite', ['build', '--logLevel', 'warn']) },
  { name: 'e2e', run: (folder) => inBrowser('e2e', folder) },
];

/** The script behind a package's command, run with this very Node: no shell, the same on every system. */
function script(name: string, command: string): string {
  const require = createRequire(import.meta.url);
  const manifest = join(ROOT, 'node_modules', name, 'package.json');
  const { bin } = require(manifest) as { bin: string | Record<string, string> };
  return join(dirname(manifest), typeof bin === 'string' ? bin : bin[command]!);
}

/** Exit code of a Node script; its output goes to ours. Null when it was killed, by us for taking too long or by the system. */
function execute(path: string, args: string[]): Promise<number | null> {
  return new Promise((resolve) => {
    // A group of its own, so that browsers and workers go with it.
    const child = spawn(process.execPath, [path, ...args], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], detached: process.platform !== 'win32' });
    const end = (): void => {
      if (child.pid === undefined) return;
      try {
        if (process.platform === 'win32') child.kill('SIGKILL');
        else process.kill(-child.pid, 'SIGKILL');
      } catch { /* it has ended by itself */ }
    };
    const stop = (): void => {
      end();
      process.exit(130);
    };
    const timer = setTimeout(() => {
      console.error(`This took more than ${LONGEST_MINUTES} minutes and was ended.`);
      end();
    }, LONGEST_MINUTES * 60_000);
    process.once('SIGINT', stop).once('SIGTERM', stop);
    const done = (code: number | null): void => {
      clearTimeout(timer);
      process.off('SIGINT', stop).off('SIGTERM', stop);
      resolve(code);
    };
    child.once('error', () => done(null));
    child.once('exit', (code) => done(code));
  });
}

async function single(name: string, command: string, args: string[]): Promise<Counts> {
  return (await execute(script(name, command), args)) === 0 ? { passed: 1, failed: 0, skipped: 0 } : FAILED;
}

async function vitest(project: string, folder: string): Promise<Counts> {
  const report = join(folder, `${project}.json`);
  const code = await execute(script('vitest', 'vitest'), ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
  return countsOf(report, code);
}

async function inBrowser(project: string, folder: string): Promise<Counts> {
  try {
    process.env['PRIORSCAPE_CHROME'] = ensureChrome();
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    console.error(error.message);
    return FAILED;
  }
  return vitest(project, folder);
}

const folder = mkdtempSync(join(tmpdir(), 'priorscape-test-'));
const rows: string[] = [];
let total = NONE;
try {
  for (const { name, run } of GATES) {
    console.log(`\n== ${name}`);
    const start = performance.now();
    const counts = await run(folder);
    total = addCounts(total, counts);
    const { passed, failed, skipped } = counts;
    rows.push(`${name.padEnd(8)}${String(passed).padStart(5)} passed${String(failed).padStart(5)} failed${String(skipped).padStart(5)} skipped${((performance.now() - start) / 1000).toFixed(0).padStart(6)} s`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`\n${rows.join('\n')}\n`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
console.log(sumLine(total));
