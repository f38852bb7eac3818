/**
 * `npm run bench:pack`: one folder, out/bench/, that measures on any machine with Node and a GPU, no browser and no
 * clone: `node out/bench/run.mjs --json FILE`. Dawn (npm `webgpu`, 132 MB) is installed into the folder, never into the
 * project; `--no-install` leaves that to whoever carries the folder away.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { installedVersions } from '../versions.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const OUT = `${ROOT}out/bench/`;
const DAWN = '0.6.2';

/** Gives Node a WebGPU before anything that looks for one is loaded. */
const LAUNCH = `import { createRequire } from 'node:module';
import { create, globals } from 'webgpu';

Object.assign(globalThis, globals);
globalThis.require ??= createRequire(import.meta.url); // TensorFlow.js asks for it where it finds Node
const gpu = create([]);
Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { gpu, hardwareConcurrency: 1, userAgent: 'node' } });
await import('./bench.mjs');
`;

await build({
  root: ROOT, configFile: false, logLevel: 'warn', publicDir: false,
  ssr: { noExternal: true, target: 'node' },
  build: {
    ssr: 'src/cli/bench/dawn/run.ts', outDir: OUT, emptyOutDir: false, target: 'node20', minify: false,
    rolldownOptions: { output: { format: 'es', entryFileNames: 'bench.mjs', codeSplitting: false } },
  },
});
mkdirSync(OUT, { recursive: true });
writeFileSync(`${OUT}run.mjs`, LAUNCH);
writeFileSync(`${OUT}versions.json`, JSON.stringify({ ...installedVersions(ROOT), webgpu: DAWN }));
writeFileSync(`${OUT}package.json`, JSON.stringify({ name: 'priorscape-bench', private: true, type: 'module', dependencies: { webgpu: DAWN } }));
if (!process.argv.includes('--no-install')) {
  const { status } = spawnSync('npm', ['install', '--prefix', OUT, '--no-audit', '--no-fund', '--silent'], { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) {
    console.error('Dawn could not be installed into out/bench; run `npm install webgpu` there and try again.');
    process.exitCode = 1;
  }
}
console.log('out/bench is packed: node out/bench/run.mjs --json FILE');
