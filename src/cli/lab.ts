/** Entry of `npm run lab`: runs experiments headless, prints the config's schema, inspects prior files and bundles them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LabError } from '../core/errors.ts';
import { configJsonSchema } from '../experiment/config/config.ts';
import { decodePrior, describePrior } from '../prior/file.ts';
import { parseCommand, USAGE } from './arguments.ts';
import { convert } from './convert.ts';
import { runLab } from './run-lab.ts';
import { writeBundle } from './write-bundle.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The exit code: 0 only when all that was asked for is done. */
async function main(argv: string[]): Promise<number> {
  const command = parseCommand(argv);
  switch (command.kind) {
    case 'help':
      console.log(USAGE);
      return 0;
    case 'schema':
      console.log(JSON.stringify(configJsonSchema(), null, 2));
      return 0;
    case 'inspect': {
      const posterior = await decodePrior(bytesOf(command.file));
      console.log(describePrior(posterior).join('\n'));
      return 0;
    }
    case 'convert':
      console.log((await convert(command)).join('\n'));
      return 0;
    case 'bundle':
      console.log(await writeBundle(command, bytesOf(command.file), ROOT));
      return 0;
    case 'run':
    case 'study': {
      const written = await runLab(command, ROOT);
      if (written === null) return 1;
      console.log(written.join('\n'));
      return 0;
    }
    default: return command satisfies never;
  }
}

/** A plain Uint8Array: the `slice` of Node's Buffer does not copy. */
function bytesOf(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new LabError('file', `The prior file ${path} cannot be read; check the path.`, { cause: error });
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof LabError ? error.message : `Something unexpected went wrong: ${error instanceof Error ? error.message.split('\n')[0]! : String(error)}`);
  process.exitCode = 1;
}
