/** One λ a layer beside the single λ: the factor of each layer, what it makes of the test NLL, and whether that is more than chance. */
import { Text } from '@mantine/core';
import type { Arm } from '../../prior/prior.ts';
import type { Config } from '../../experiment/config/config.ts';
import { SCALED_FAMILIES, type Scaling } from '../../experiment/scaling/scaling-result.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { Figure } from '../charts/Figure.tsx';
import { fixed, halfWidth, settingText } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import { ArmKey } from '../charts/marks.tsx';
import { useSlice } from '../context.ts';
import { Waiting } from '../panels/Panel.tsx';
import { layerCsv, layerRows } from './layers.ts';
import { Paired } from './Paired.tsx';
import '../charts/table.css';
import styles from './verdict.module.css';

interface LayerScalesProps {
  arms: readonly Arm[];
  method: Config['prior.scaling'];
  seeds: number;
}

export function LayerScales({ arms, method, seeds }: LayerScalesProps) {
  const scaling = useSlice((state) => state.picture.scaling);
  const state = useSlice((all) => all.picture.stages.verdict.state);
  const label = useSlice((all) => all.picture.stages.verdict.progress?.label ?? null);
  if (method === 'single') return null;
  const taking = SCALED_FAMILIES.filter((family) => arms.includes(family)).length;
  if (scaling) return <Table scaling={scaling} seeds={seeds} />;
  return (
    <Waiting height={110 + 52 * taking}>
      {state === 'done' ? 'No arm with a learned centre has a solution, so there is no layer to scale.'
        : state === 'running' && label ? `${label}…` : 'One λ a layer: a factor for each layer and the difference to the single λ. It comes after everything else has finished.'}
    </Waiting>
  );
}

function Table({ scaling, seeds }: { scaling: Scaling; seeds: number }) {
  const rows = layerRows(scaling);
  return (
    <Figure title={`One λ a layer, ${scaling.method === 'validation' ? 'by validation NLL' : 'by the evidence'}`} name="one-scale-a-layer" csv={() => layerCsv(scaling)}>
      <div className="number-scroll" tabIndex={0} role="region" aria-label="One λ a layer">
        <table className={`number-table ${styles.table}`}>
          <thead>
            <tr>
              <th scope="col" className={styles.arm}>Arm</th>
              <th scope="col" className={styles.asked}>ΔNLL to the single λ<small>paired, below 0 is better</small></th>
              <th scope="colgroup" colSpan={2}>NLL<small>one λ a layer, nats</small></th>
              {scaling.layers.map((name) => <th key={name} scope="col">{name}<small>× λ</small></th>)}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ arm, factors, nll, difference, diverged }) => (
              <tr key={arm}>
                <th scope="row" className={styles.arm}>
                  <span><ArmKey arm={arm} line={false} /><span className={styles.name}>{ARM_STYLE[arm].label}</span></span>
                  {diverged > 0 && <span className={styles.note}>{diverged} run{diverged === 1 ? '' : 's'} diverged</span>}
                </th>
                <td className={styles.asked}>{difference && <Paired difference={difference} />}</td>
                <td className={styles.mean}>{fixed(nll?.mean ?? NaN, 3)}</td>
                <td className={styles.half}>{nll && halfWidth(nll) !== null ? `± ${fixed(halfWidth(nll)!, 3)}` : ''}</td>
                {factors.map(({ mean, low, high }, l) => (
                  <td key={scaling.layers[l]} className={styles.factor}>
                    {settingText(mean)}
                    <small>{low === high ? 'all seeds' : `${settingText(low)}–${settingText(high)}`}</small>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Text size="xs" c={INK.muted} mt={8} component="div">
        Factors multiply the prior’s variance in their layer on top of the tuned λ: geometric mean over {seeds} seed{seeds === 1 ? '' : 's'}, the range below. Every arm and seed got {scaling.extraRuns} more training runs than in the table above
        {scaling.method === 'validation' ? ', chosen among by its validation NLL; a factor of 0.1 or 10 was reached in one step, the furthest that was tried.' : '; no validation example was asked, and the directions of a low-rank prior are ignored.'}
        {' '}The single λ got no runs beyond its grid: a finer grid of as many runs might have gained some of this too.
      </Text>
    </Figure>
  );
}
