/** The benchmark in Chromium: a page a place, on the machine's GPU or on the software adapter. */
import { createServer } from 'vite';
import { fromFault, LabError } from '../../../core/errors.ts';
import { type GpuChoice, launch } from '../../browser.ts';
import type { Calls, Place, Shell } from '../port.ts';

/** `root`: the project's. Closing the shell closes the browser and the server. */
export async function browserShell(root: string, gpu: GpuChoice): Promise<Shell & { close(): Promise<void> }> {
  const server = await createServer({
    root, configFile: false, logLevel: 'error', clearScreen: false,
    cacheDir: 'node_modules/.vite-bench',
    worker: { format: 'es' },
    // Isolation from other origins gives fine-grained clocks.
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null, headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' } },
    optimizeDeps: { entries: ['src/cli/bench/browser/index.html', 'src/worker/*.worker.ts'] },
  });
  await server.listen();
  const address = server.httpServer?.address();
  if (typeof address !== 'object' || address === null) throw new Error('The local server did not start.');
  const url = `http://127.0.0.1:${address.port}/src/cli/bench/browser/index.html`;
  const browser = await launch({ gpu }).catch(async (error: unknown) => {
    await server.close();
    throw error;
  });
  return {
    host: 'chromium',
    versions: { chromium: browser.version() },
    wasm: true,
    async open(): Promise<Place> {
      const page = await browser.newPage();
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(error.message));
      await page.goto(url);
      try {
        await page.waitForFunction(() => typeof window.priorscapeBench === 'function', undefined, { timeout: 120_000 });
      } catch (error) {
        throw new LabError('device', `The benchmark's page did not start${faults.length > 0 ? ` (${faults[0]!})` : ''}; run \`npm ci\` and try again.`, { cause: error });
      }
      return {
        async call(name, input) {
          const outcome = await page.evaluate(([call, given]) => window.priorscapeBench(call, given), [name as keyof Calls, input as unknown] as const);
          if (faults.length > 0) throw new Error(faults[0]);
          if ('fault' in outcome) throw fromFault(outcome.fault);
          return outcome.value as Calls[typeof name]['out']; // the page answers a call with the value of that call
        },
        close: () => page.close(),
      };
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
