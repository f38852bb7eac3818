/** Some images, a column each, and what the draws of every prior say of them: the answer most give, how many, and the mean probabilities. */
import { useId, useMemo } from 'react';
import type { Believed } from '../../worker/protocol.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { fixed } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import { ArmKey } from '../charts/marks.tsx';
import { TileCanvas } from '../data/TileCanvas.tsx';
import { tilesOf } from '../data/tiles.ts';
import { Heading } from '../inference/choosers.tsx';
import disputed from '../inference/disputed.module.css';
import table from '../inference/inference.module.css';
import { ProbabilityBars } from './ProbabilityBars.tsx';

export function AnswerTable({ found }: { found: Believed }) {
  const id = useId();
  const { answers, classNames, strip } = found;
  const tiles = useMemo(() => tilesOf(strip), [strip]);
  const families = answers[0]?.priors.map(({ family }) => family) ?? [];
  return (
    <section aria-labelledby={id}>
      <Heading id={id} title="The same images, as each prior sees them" />
      <div className="number-scroll" tabIndex={0} role="region" aria-label="What each prior says of some images">
        <table className={`number-table ${table.table} ${table.dense} ${disputed.disputed}`} aria-labelledby={id}>
          <thead>
            <tr>
              <th scope="col" className={table.arm}>Prior</th>
              {answers.map(({ label }, i) => <th key={i} scope="col"><TileCanvas pixels={tiles[i] ?? null} className={disputed.tile!} />{classNames[label]}</th>)}
            </tr>
          </thead>
          <tbody>
            {families.map((family, f) => (
              <tr key={family}>
                <th scope="row" className={table.arm}><span><ArmKey arm={family} line={false} />{ARM_STYLE[family].label}</span></th>
                {answers.map(({ label, priors }, i) => {
                  const { answer, count, probabilities } = priors[f]!;
                  const right = answer === label;
                  return (
                    <td key={i} title={probabilities.map((p, c) => `${classNames[c]!}: ${fixed(100 * p, 0)}%`).join('\n')}>
                      <span className={right ? '' : disputed.wrong}><b>{classNames[answer]}</b>{right ? ' ✓' : ' ✗'}</span>
                      <small>{count} of {found.draws}</small>
                      <ProbabilityBars probabilities={probabilities} label={label} colour={ARM_STYLE[family].colour} />
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={table.note} style={{ color: INK.muted }}>In each cell: the class that most draws answer (✓ right, ✗ wrong), how many of them do, and the mean probability of every class, the image’s own marked below.</p>
    </section>
  );
}
