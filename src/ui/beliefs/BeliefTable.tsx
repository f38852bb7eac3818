/** A row a prior: how many images its draws name, how sure they are alone and together, how far they agree. */
import { useId } from 'react';
import type { Belief } from '../../experiment/beliefs/beliefs-result.ts';
import type { CsvValue } from '../../storage/exports.ts';
import type { Believed } from '../../worker/protocol.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { settingText } from '../charts/format.ts';
import { ArmKey } from '../charts/marks.tsx';
import '../charts/table.css';
import { CsvButton, Heading } from '../inference/choosers.tsx';
import table from '../inference/inference.module.css';
import { written } from '../inference/RobustnessTable.tsx';

const COLUMNS = ['accuracy', 'drawEntropy', 'entropy', 'agreement'] as const;

export function BeliefTable({ found }: { found: Believed }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <Heading id={id} title={`Draws at λ = ${settingText(found.scale)}`}>
        <CsvButton label="what the priors believe" name="beliefs" rows={() => beliefCsv(found.table)} />
      </Heading>
      <div className="number-scroll" tabIndex={0} role="region" aria-label="What draws from each prior answer">
        <table className={`number-table ${table.table} ${table.dense}`} aria-labelledby={id}>
          <thead>
            <tr>
              <th scope="col" className={table.arm}>Prior</th>
              <th scope="col">Named rightly<small>% by a draw</small></th>
              <th scope="col">Entropy<small>% of log C, a draw</small></th>
              <th scope="col">of the mean<small>% of log C</small></th>
              <th scope="col">Agreement<small>% of pairs</small></th>
            </tr>
          </thead>
          <tbody>
            {found.table.map((one) => (
              <tr key={one.family}>
                <th scope="row" className={table.arm}><span><ArmKey arm={one.family} line={false} />{ARM_STYLE[one.family].label}</span></th>
                {COLUMNS.map((column) => <td key={column} className={table.center}>{written(one[column], 1, 100, false)}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={table.note}>
        ± half the 95% jackknife t interval over {found.draws} draws. Guessing names {(100 / found.classNames.length).toFixed(0)}%. The mean of many sure draws that contradict each other is unsure: that is what the prior leaves open.
      </p>
    </section>
  );
}

export function beliefCsv(beliefs: readonly Belief[]): CsvValue[][] {
  return [
    ['prior', 'scale', 'draws', ...COLUMNS.flatMap((column) => [column, `${column}_low`, `${column}_high`])],
    ...beliefs.map((one): CsvValue[] => [one.family, one.scale, one.draws, ...COLUMNS.flatMap((column) => [one[column].mean, one[column].ci95?.[0] ?? null, one[column].ci95?.[1] ?? null])]),
  ];
}
