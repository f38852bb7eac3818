/** The benchmark under Node with Dawn: a process a place. Without workers there is no wasm engine; the rest is the same code. */
import { fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fail } from '../measure/fused.ts';
import { fromFault, LabError } from '../../../core/errors.ts';
import { parseBench, USAGE } from '../arguments.ts';
import { hostOf } from '../host.ts';
import { planOf } from '../plan.ts';
import type { Calls, Outcome, Place, Shell } from '../port.ts';
import { reportOf } from '../report.ts';
import { measureAll } from '../run.ts';
import { asMarkdown, asText, captionOf, tablesOf } from '../table.ts';

const PLACE = '--place';
interface Asked { name: keyof Calls; input: unknown }

function answerCalls(): void {
  const absent = (): Promise<never> => Promise.reject(new LabError('device', 'There are no compute workers under Node.'));
  const fused = async () => {
    const { openFused } = await import('../../../engine/fused/open-fused.ts');
    const { timeEngine } = await import('../../../worker/time-engine.ts');
    return openFused(fail, timeEngine);
  };
  const answer = hostOf({
    lanes: {
      fused: async () => (await import('../measure/fused.ts')).fusedLane(),
      stock: async () => (await import('../measure/stock.ts')).stockLane(),
      tfjs: async () => (await import('../measure/autodiff.ts')).autodiffLane(),
      jax: async () => (await import('../measure/jax.ts')).jaxLane(),
      wasm: absent,
    },
    engines: { auto: fused, fused, wasm: absent },
  });
  process.on('message', ({ name, input }: Asked) => void answer(name, input).then((outcome) => process.send?.(outcome)));
}

async function openPlace(): Promise<Place> {
  const child = fork(process.argv[1]!, [PLACE], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return {
    // One call at a time: the next message is its answer.
    call: (name, input) => new Promise((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`The measuring process ended (${code ?? 'by a signal'}).`));
      child.once('exit', ended);
      child.once('message', (outcome: Outcome) => {
        child.off('exit', ended);
        if ('fault' in outcome) reject(fromFault(outcome.fault));
        else resolve(outcome.value as Calls[typeof name]['out']); // the process answers a call with the value of that call
      });
      child.send({ name, input } satisfies Asked);
    }),
    close: async () => void child.kill('SIGKILL'), // Dawn may take its time to leave
  };
}

async function main(): Promise<void> {
  const command = parseBench(process.argv.slice(2));
  if (command.help) {
    console.log(USAGE.replace('npm run bench --', 'node run.mjs'));
    return;
  }
  const versions = { ...(JSON.parse(readFileSync(new URL('versions.json', import.meta.url), 'utf8')) as Record<string, string>), node: process.versions.node };
  const shell: Shell = { host: 'node', versions, wasm: false, open: openPlace };
  const begun = performance.now();
  const say = (line: string): void => console.error(`${((performance.now() - begun) / 1e3).toFixed(0).padStart(4)} s  ${line}`);
  const report = reportOf(await measureAll(shell, planOf(command.quick), say), { host: 'node', quick: command.quick, date: new Date().toISOString(), versions });
  if (command.json !== null) writeFileSync(command.json, `${JSON.stringify(report, null, 2)}\n`);
  console.log([captionOf(report), ...tablesOf(report).map(command.markdown ? asMarkdown : asText)].join('\n\n'));
}

if (process.argv.includes(PLACE)) {
  answerCalls();
} else {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof LabError ? error.message : `Something unexpected went wrong: ${error instanceof Error ? error.message.split('\n')[0]! : String(error)}`);
    process.exitCode = 1;
  }
}
