/** `npm start`: builds the lab when its sources are newer than the last build, serves it, and prints where. `--port N` moves it. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, preview } from 'vite';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FIRST_PORT = 4173;
/** What the built page is made of; a folder counts with all it holds. */
const SOURCES = ['src', 'public', 'index.html', 'vite.config.ts', 'tsconfig.json', 'package.json', 'package-lock.json'];
/** The service worker is written last, so an interrupted build lacks it. */
const LAST_BUILT = 'dist/sw.js';

/** Time of the newest change under a path (ms); a folder's own time tells of files that went away. Tests and the command line do not count. */
function newest(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  const inner = readdirSync(path).filter((name) => !name.endsWith('.test.ts') && join(path, name) !== join(ROOT, 'src', 'cli'));
  return inner.reduce((latest, name) => Math.max(latest, newest(join(path, name))), stat.mtimeMs);
}

function isBuilt(): boolean {
  const built = statSync(join(ROOT, LAST_BUILT), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return SOURCES.every((source) => newest(join(ROOT, source)) < built);
}

function port(): number {
  const { values } = parseArgs({ options: { port: { type: 'string' } }, strict: true });
  const wanted = Number(values.port ?? FIRST_PORT);
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 65535) throw new Error(`--port is “${values.port ?? ''}”; it must be a whole number from 1 to 65535`);
  return wanted;
}

async function main(): Promise<void> {
  const from = port();
  if (isBuilt()) {
    console.log('The lab is built already.');
  } else {
    console.log('Building the lab …');
    await build({ root: ROOT, logLevel: 'warn' });
  }
  // Vite goes on to the next free port by itself.
  const server = await preview({ root: ROOT, logLevel: 'warn', preview: { port: from, strictPort: false, open: false } });
  const address = server.resolvedUrls?.local[0] ?? `http://localhost:${from}/`;
  console.log(`\nPriorscape is at ${address}\nOpen it and press Run. Ctrl-C here ends it.\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      console.log('\nStopped.');
      process.exit(0);
    });
  }
}

try {
  await main();
} catch (error) {
  console.error(`The lab could not be started: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
