/** The command line of the benchmark as a value. Pure; a fault is one LabError('config'). */
import { parseArgs } from 'node:util';
import { LabError } from '../../core/errors.ts';
import type { GpuChoice } from '../browser.ts';

export const USAGE = `Usage: npm run bench -- [options]
  --quick          fewer and shorter rounds: within five minutes on two cores
  --full           what is done without --quick
  --json FILE      write the report
  --markdown       print the tables as Markdown
  --from FILE      measure nothing: print the tables of a report written before
  --gpu GPU        auto (default) or software: where WebGPU runs`;

export interface BenchCommand {
  quick: boolean;
  json: string | null;
  markdown: boolean;
  from: string | null;
  gpu: GpuChoice;
  help: boolean;
}

const OPTIONS = {
  quick: { type: 'boolean' }, full: { type: 'boolean' }, json: { type: 'string' }, markdown: { type: 'boolean' }, from: { type: 'string' },
  gpu: { type: 'string' }, help: { type: 'boolean', short: 'h' },
} as const;

export function parseBench(args: string[]): BenchCommand {
  const values = parsed(args);
  if (values.quick && values.full) throw new LabError('config', 'The benchmark is either --quick or --full; leave one out.');
  const gpu = values.gpu ?? 'auto';
  if (gpu !== 'auto' && gpu !== 'software') throw new LabError('config', `--gpu is “${gpu}”; it must be auto or software.`);
  return { quick: values.quick ?? false, json: values.json ?? null, markdown: values.markdown ?? false, from: values.from ?? null, gpu, help: values.help ?? false };
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, strict: true }).values;
  } catch (error) {
    throw new LabError('config', `${error instanceof Error ? error.message.split('\n')[0]!.replace(/\.$/, '') : 'The command line cannot be read'}; \`npm run bench -- --help\` lists what there is.`, { cause: error });
  }
}
