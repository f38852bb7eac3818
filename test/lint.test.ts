/** Lint holds the order of folders: an import against it is an error, one with it is none. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const eslint = new ESLint({ cwd: fileURLToPath(new URL('..', import.meta.url)) });

/** Messages of the folder rule for a file of this content; the path must be that of a file of the project. */
async function orderFaults(path: string, content: string): Promise<string[]> {
  const [file] = await eslint.lintText(content, { filePath: path });
  return file!.messages.filter((message) => message.ruleId === 'no-restricted-imports' && message.severity === 2).map((message) => message.message);
}

describe('the order of folders', () => {
  it('has a place for every folder of src', async () => {
    for (const { name } of readdirSync(new URL('../src', import.meta.url), { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
      const config = await eslint.calculateConfigForFile(`src/${name}/any.ts`) as { rules: Record<string, unknown> };
      expect(config.rules['no-restricted-imports'], name).toBeDefined();
    }
  });

  it.each([
    ['src/core/errors.ts', "import type { Dataset } from '../data/dataset.ts';\nexport type T = Dataset;\n"],
    ['src/core/errors.ts', "export { parseConfig } from '../experiment/config.ts';\n"],
    ['src/engine/tfjs/typed-engine.ts', "import { runExperiment } from '../../experiment/runner.ts';\nexport const r = runExperiment;\n"],
    ['src/experiment/runner.ts', "import { LabClient } from '../worker/client.ts';\nexport const c = LabClient;\n"],
    ['src/worker/client.ts', "import { parseCommand } from '../cli/arguments.ts';\nexport const p = parseCommand;\n"],
  ])('%s may not import from below', async (path, content) => {
    const faults = await orderFaults(path, content);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/may import only from: core/);
  }, 60_000);

  it.each([
    ['src/cli/lab.ts', "import { startLab } from '../worker/client.ts';\nexport const s = startLab;\n"],
    ['src/experiment/runner.ts', "import { LabError } from '../core/errors.ts';\nexport const e = LabError;\n"],
    ['src/engine/tfjs/typed-engine.ts', "import { parameterTable } from '../../model/build.ts';\nexport const t = parameterTable;\n"],
    ['src/data/splits.ts', "import type { Dataset } from './dataset.ts';\nexport type T = Dataset;\n"],
  ])('%s may import from above and beside', async (path, content) => {
    expect(await orderFaults(path, content)).toEqual([]);
  }, 60_000);
});
