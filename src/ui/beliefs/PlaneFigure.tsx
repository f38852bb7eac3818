/** The toy's plane: the mean of many networks' probabilities large, some of the networks small, the points on top. */
import { useComputedColorScheme } from '@mantine/core';
import { memo, type ReactNode } from 'react';
import type { Fields } from '../../experiment/beliefs/fields.ts';
import type { Family } from '../../prior/prior.ts';
import type { CsvValue } from '../../storage/exports.ts';
import { Figure } from '../charts/Figure.tsx';
import { PlotFrame } from '../charts/PlotFrame.tsx';
import { linearScale } from '../charts/scale.ts';
import { ClassKey } from '../data/PointsPlot.tsx';
import { armText, Pick } from '../inference/choosers.tsx';
import table from '../inference/inference.module.css';
import styles from './beliefs.module.css';
import { PlaneCanvas } from './PlaneCanvas.tsx';

const LARGE = 296;
const SMALL = 134;
const MARGIN = { top: 8, right: 8, bottom: 38, left: 46 };

interface PlaneFigureProps {
  fields: Fields;
  title: string;
  name: string;
  /** Whose prior or posterior it is, and the others there are. */
  family: Family;
  families: readonly Family[];
  onFamily: (family: Family) => void;
  /** What a network here is: “drawn from the prior”. */
  note: string;
  busy: boolean;
  controls?: ReactNode;
}

export const PlaneFigure = memo(function PlaneFigure({ fields, title, name, family, families, onFamily, note, busy, controls }: PlaneFigureProps) {
  return (
    <Figure title={title} name={name} csv={() => planeCsv(fields)} controls={<>{controls}<Pick quiet label="Prior over the plane" value={family} options={families} text={armText} onPick={onFamily} /></>}>
      <PlaneMaps fields={fields} note={note} busy={busy} />
    </Figure>
  );
});

export function PlaneMaps({ fields, note, busy }: { fields: Fields; note: string; busy: boolean }) {
  const dark = useComputedColorScheme('light') === 'dark';
  const { reach, networks, mean, count, classNames, source } = fields;
  const x = linearScale([-reach, reach], [MARGIN.left, LARGE - MARGIN.right]);
  const ticks = [-reach, -reach / 2, 0, reach / 2, reach];
  const inner = LARGE - MARGIN.left - MARGIN.right;
  const y = linearScale([-reach, reach], [MARGIN.top + inner, MARGIN.top]);
  return (
    <div className={styles.plane} data-busy={busy || undefined}>
      <div>
        <p className={styles.mapName} data-caption>{count > 1 ? `Mean of ${count} networks` : 'This network'}</p>
        <div style={{ position: 'relative', width: LARGE, height: inner + MARGIN.top + MARGIN.bottom }}>
          <PlaneCanvas fields={fields} map={mean} size={inner} dark={dark} label={count > 1 ? `Mean class probabilities of ${count} networks over the plane` : 'Class probabilities over the plane'} style={{ position: 'absolute', left: MARGIN.left, top: MARGIN.top }} />
          <div style={{ position: 'absolute', inset: 0, pointerEvents: 'none' }}>
            <PlotFrame width={LARGE} height={inner + MARGIN.top + MARGIN.bottom} margin={MARGIN} label="Axes of the plane" x={{ scale: x, ticks, title: 'x' }} y={{ scale: y, ticks, title: 'y' }}>{null}</PlotFrame>
          </div>
        </div>
      </div>
      {count > 1 && (
        <ul className={styles.maps} aria-label="Single networks">
          {networks.map((map, i) => (
            <li key={i}>
              <p className={styles.mapName} data-caption>Network {i + 1}</p>
              <PlaneCanvas fields={fields} map={map} size={SMALL} dark={dark} label={`Class probabilities of network ${i + 1} over the plane`} />
            </li>
          ))}
        </ul>
      )}
      <div className={styles.key}>
        <ClassKey classNames={classNames} />
        <p className={table.note} data-caption>
          Each map shows the square from −{reach} to {reach} in both directions: the colour of a place is that of its class, pale where the {count > 1 ? 'networks are' : 'network is'} unsure; networks {note}.
          {source ? ' Small dots are source points, framed marks the downstream training points of the first seed.' : ' Framed marks are the training points of this seed.'}
        </p>
      </div>
    </div>
  );
}

function planeCsv({ side, reach, classNames, mean }: Fields): CsvValue[][] {
  const at = (i: number) => reach * ((2 * i) / (side - 1) - 1);
  return [
    ['x', 'y', ...classNames.map((name) => `mean_probability_${name}`)],
    ...Array.from({ length: side * side }, (_, i): CsvValue[] => [at(i % side), at(Math.floor(i / side)), ...classNames.map((__, c) => mean[i * classNames.length + c]! / 255)]),
  ];
}
