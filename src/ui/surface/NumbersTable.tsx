/** The numbers of the maps at their points, for keyboard and screen reader: each row's name is a button that picks the point. */
import { UnstyledButton } from '@mantine/core';
import { useId } from 'react';
import type { Arm } from '../../prior/prior.ts';
import { fixed } from '../charts/format.ts';
import { ArmKey } from '../charts/marks.tsx';
import styles from './evidence.module.css';

export interface NumbersRow {
  name: string;
  arm: Arm | null;
  a: number;
  b: number;
  /** By column key; absent or NaN reads `–`. */
  values: Record<string, number>;
}

export interface NumbersColumn {
  key: string;
  label: string;
  unit: string;
  digits: number;
}

interface NumbersTableProps {
  rows: readonly NumbersRow[];
  columns: readonly NumbersColumn[];
  /** The place picked on the maps; the row there is marked. */
  picked: { a: number; b: number } | null;
  onPick: (row: NumbersRow) => void;
}

const PLACE: readonly ['a', 'b'] = ['a', 'b'];

export function NumbersTable({ rows, columns, picked, onPick }: NumbersTableProps) {
  const id = useId();
  return (
    <div>
      <div className={styles.head}><p className={styles.title} id={id}>Values at the points of the map</p></div>
      <div className={styles.scroll} tabIndex={0} role="region" aria-labelledby={id}>
        <table className={styles.table} aria-labelledby={id}>
          <thead>
            <tr>
              <th scope="col" className={styles.name}>Point<small>choose to inspect</small></th>
              {PLACE.map((axis) => <th key={axis} scope="col" className={styles.number}>{axis}<small>parameter units</small></th>)}
              {columns.map(({ key, label, unit }) => <th key={key} scope="col" className={styles.number}>{label}<small>{unit}</small></th>)}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const here = picked !== null && picked.a === row.a && picked.b === row.b;
              return (
                <tr key={row.name} className={here ? styles.picked : ''}>
                  <th scope="row" className={styles.name}>
                    <UnstyledButton className={styles.pick} aria-pressed={here} onClick={() => onPick(row)}>
                      {row.arm ? <ArmKey arm={row.arm} line={false} /> : <i style={{ width: 14, flex: 'none' }} />}{row.name}
                    </UnstyledButton>
                  </th>
                  {PLACE.map((axis) => <td key={axis} className={styles.number}>{fixed(row[axis], 2)}</td>)}
                  {columns.map(({ key, digits }) => <td key={key} className={styles.number}>{fixed(row.values[key] ?? NaN, digits)}</td>)}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}
