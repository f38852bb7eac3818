/**
 * Serves the headless page with Vite on a free local port, and the data sets named on the command line beside it. All
 * packages are bundled before the first page is opened: one that is discovered late would reload the page midway.
 */
import { createReadStream } from 'node:fs';
import { createServer } from 'vite';

export interface Served {
  /** Address of the headless page. */
  url: string;
  close(): Promise<void>;
}

/** `files`: address path → local path. */
export async function serveHeadless(root: string, files: ReadonlyMap<string, string>): Promise<Served> {
  const server = await createServer({
    root, configFile: false, logLevel: 'error', clearScreen: false,
    cacheDir: 'node_modules/.vite-headless',
    worker: { format: 'es' },
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
    optimizeDeps: { entries: ['src/cli/headless/index.html', 'src/worker/*.worker.ts'] },
    plugins: [{
      name: 'priorscape-local-data',
      configureServer({ middlewares }) {
        middlewares.use((request, response, next) => {
          const path = files.get(request.url ?? '');
          if (path === undefined) {
            next();
            return;
          }
          response.setHeader('Content-Type', 'application/octet-stream');
          createReadStream(path).on('error', () => response.destroy()).pipe(response);
        });
      },
    }],
  });
  await server.listen();
  const address = server.httpServer?.address();
  if (typeof address !== 'object' || address === null) throw new Error('The local server did not start.');
  return { url: `http://127.0.0.1:${address.port}/src/cli/headless/index.html`, close: () => server.close() };
}
