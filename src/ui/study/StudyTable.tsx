/** The study in numbers: each arm at each value with its paired difference and verdict; where the axis is n, the labels that a rival needs. */
import { SegmentedControl, Text } from '@mantine/core';
import { useState } from 'react';
import { lowerIsBetter } from '../../measure/metrics.ts';
import type { Metric } from '../../experiment/result.ts';
import { questionsIn } from '../../experiment/comparison/power.ts';
import { armsIn } from '../../experiment/study/curves.ts';
import { placeWords, soundSavings, valueWords } from '../../experiment/study/study-sentence.ts';
import type { Study } from '../../experiment/study/study-result.ts';
import { studyCurvesRows } from '../../storage/study-exports.ts';
import type { Arm } from '../../prior/prior.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { Figure } from '../charts/Figure.tsx';
import { plusMinus } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import { ArmKey } from '../charts/marks.tsx';
import { Paired } from '../verdict/Paired.tsx';
import { METRIC_WORDS } from './CurveChart.tsx';
import '../charts/table.css';
import './study.css';

type Rival = 'l2-sp' | 'none';

export function StudyTable({ study, metric }: { study: Study; metric: Metric }) {
  const present = (['l2-sp', 'none'] as const).filter((rival) => study.comparisons.some(({ versus }) => versus === rival));
  const [wanted, setWanted] = useState<Rival>('l2-sp');
  const rival = present.includes(wanted) ? wanted : present[0];
  const arms = armsIn(study.cells);
  const judged = study.comparisons.filter((one) => one.metric === metric);
  const tests = study.values.reduce((sum, value) => sum + questionsIn(judged.filter((one) => one.value === value)), 0);
  const switcher = present.length < 2 ? null : (
    <SegmentedControl size="xs" value={rival!} onChange={(value) => setWanted(value === 'none' ? 'none' : 'l2-sp')} aria-label="Compared with" data={[{ value: 'l2-sp', label: 'to L2-SP' }, { value: 'none', label: 'to plain' }]} />
  );
  return (
    <Figure title={`${METRIC_WORDS[metric].axis} at each value${rival ? `, and the paired difference to ${ARM_STYLE[rival].label}` : ''}`} name={`study-table-${metric}`} csv={() => studyCurvesRows(study)} controls={switcher}>
      <div className="number-scroll" tabIndex={0} role="region" aria-label="Study in numbers">
        <table className="number-table study-table study-verdicts">
          <thead>
            <tr>
              <th scope="col" className="arm">Arm</th>
              {study.values.map((value) => <th key={value} scope="col">{valueWords(study, value)}<small>{seedsAt(study, value)}</small></th>)}
            </tr>
          </thead>
          <tbody>
            {arms.map((arm) => (
              <tr key={arm}>
                <ArmHead arm={arm} />
                {study.values.map((value) => {
                  const own = study.curves.find((one) => one.arm === arm && one.value === value && one.metric === metric);
                  const difference = judged.find((one) => one.arm === arm && one.value === value && one.versus === rival);
                  return (
                    <td key={value}>
                      <span className="own">{own && own.seeds > 0 ? plusMinus(own, 3) : 'no seed survived'}</span>
                      {difference ? <Paired difference={difference} /> : <span style={{ color: INK.muted }}>{arm === rival ? 'reference' : '–'}</span>}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Text size="xs" c={INK.muted} mt={8} component="div">
        Mean ± half the 95% t interval over seeds; below it the difference taken seed by seed, {lowerIsBetter(metric) ? 'below' : 'above'} 0 is better.
        {tests > 1 && ` Verdicts hold for all ${tests} differences of the study in this metric together, to both rivals (Holm): where nothing differs, at most one study in twenty says “better” or “worse” of anything.`}
      </Text>
      {rival && study.savings.length > 0 && <Savings study={study} rival={rival} arms={arms.filter((arm) => arm !== rival)} />}
    </Figure>
  );
}

function Savings({ study, rival, arms }: { study: Study; rival: Rival; arms: readonly Arm[] }) {
  const sound = soundSavings(study);
  return (
    <div style={{ marginTop: 20 }}>
      <Text size="sm" fw={600} mb={4}>Labels that {ARM_STYLE[rival].label} needs for the same NLL</Text>
      <div className="number-scroll" tabIndex={0} role="region" aria-label="Labels saved">
        <table className="number-table study-table">
          <thead><tr><th scope="col" className="arm">Arm</th>{study.values.map((value) => <th key={value} scope="col">with {value.toLocaleString('en-GB')} labels</th>)}</tr></thead>
          <tbody>
            {arms.map((arm) => (
              <tr key={arm}>
                <ArmHead arm={arm} />
                {study.values.map((value) => {
                  const one = study.savings.find((other) => other.arm === arm && other.versus === rival && other.n === value);
                  return (
                    <td key={value} style={{ fontWeight: one && sound.includes(one) ? 700 : 400 }}>
                      {one ? placeWords(one.needs) : '–'}
                      {one?.ci95 && <small>{placeWords(one.ci95[0])} to {placeWords(one.ci95[1])}</small>}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Text size="xs" c={INK.muted} mt={8} component="div">Read between the sizes that were measured, linearly in log n; below it the 95% interval over seeds. Bold: the table above has a verdict “better” there.</Text>
    </div>
  );
}

function ArmHead({ arm }: { arm: Arm }) {
  return <th scope="row" className="arm"><span><ArmKey arm={arm} line={false} />{ARM_STYLE[arm].label}</span></th>;
}

function seedsAt({ cells }: Study, value: number): string {
  const count = cells.filter((cell) => cell.value === value).length;
  return `${count} seed${count === 1 ? '' : 's'}`;
}
