/** Entry of `npm run bench`: measures in Chromium on the best adapter there is, prints tables, writes the report. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LabError } from '../core/errors.ts';
import { parseBench, USAGE } from './bench/arguments.ts';
import { planOf } from './bench/plan.ts';
import { type Report, reportOf } from './bench/report.ts';
import { measureAll } from './bench/run.ts';
import { asMarkdown, asText, captionOf, tablesOf } from './bench/table.ts';
import { installedVersions } from './bench/versions.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
async function measure(quick: boolean, gpu: 'auto' | 'software'): Promise<Report> {
  const { browserShell } = await import('./bench/browser/shell.ts');
  const shell = await browserShell(ROOT, gpu);
  const begun = performance.now();
  const say = (line: string): void => console.error(`${((performance.now() - begun) / 1e3).toFixed(0).padStart(4)} s  ${line}`);
  try {
    const measured = await measureAll(shell, planOf(quick), say);
    return reportOf(measured, { host: shell.host, quick, date: new Date().toISOString(), versions: { ...shell.versions, ...installedVersions(ROOT) } });
  } finally {
    await shell.close();
  }
}

function readReport(path: string): Report {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report; // written by this program
  } catch (error) {
    throw new LabError('file', `The report ${path} cannot be read; check the path, or measure anew.`, { cause: error });
  }
}

try {
  const command = parseBench(process.argv.slice(2));
  if (command.help) {
    console.log(USAGE);
  } else {
    const report = command.from === null ? await measure(command.quick, command.gpu) : readReport(command.from);
    if (command.json !== null) writeFileSync(command.json, `${JSON.stringify(report, null, 2)}\n`);
    console.log([captionOf(report), ...tablesOf(report).map(command.markdown ? asMarkdown : asText)].join('\n\n'));
  }
} catch (error) {
  console.error(error instanceof LabError ? error.message : `Something unexpected went wrong: ${error instanceof Error ? error.message.split('\n')[0]! : String(error)}`);
  process.exitCode = 1;
}
