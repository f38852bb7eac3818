/** The Python that tests may use: PRIORSCAPE_PYTHON, or python3; what it lacks is said, and its tests are skipped. */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PYTHON = process.env['PRIORSCAPE_PYTHON'] ?? 'python3';

/** Whether it can import a module. */
export function hasPython(module: string): boolean {
  return spawnSync(PYTHON, ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0;
}

/** Runs a job of torch_check.py on a folder; its answer is the caller's to know. */
export function askTorch<T>(folder: string, job: string, asked: unknown): T {
  const script = fileURLToPath(new URL('torch_check.py', import.meta.url));
  const out = execFileSync(PYTHON, ['-W', 'ignore', script, folder, job], { input: JSON.stringify(asked), encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['pipe', 'pipe', 'pipe'] });
  return JSON.parse(out) as T;
}

/** Runs a script with arguments; its standard output. */
export function runPython(args: readonly string[], environment: Record<string, string> = {}): string {
  return execFileSync(PYTHON, ['-W', 'ignore', ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', OMP_NUM_THREADS: '1', ...environment } });
}
