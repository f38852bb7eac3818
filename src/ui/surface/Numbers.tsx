/** The numbers of the maps as a table: the points on the plane and the minimisers, for reading without seeing and for copying. */
import { memo, useMemo, useState } from 'react';
import type { Plane } from '../../experiment/result.ts';
import { bilinear, type Field, fieldMinimum } from './field.ts';
import type { Place } from './MapMarks.tsx';
import { NumbersTable } from './NumbersTable.tsx';
import type { MapPicture } from './pictures.ts';

interface NumbersProps {
  plane: Plane;
  maps: readonly MapPicture[];
  picked: Place | null;
  onPick: (place: Place) => void;
}

export const Numbers = memo(function Numbers({ plane, maps, picked, onPick }: NumbersProps) {
  const [open, setOpen] = useState(false);
  return (
    <details className="more-settings" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>The same in numbers</summary>
      {open && <Table plane={plane} maps={maps} picked={picked} onPick={onPick} />}
    </details>
  );
});

function Table({ plane, maps, picked, onPick }: NumbersProps) {
  const { rows, columns } = useMemo(() => {
    const fieldOf = (values: Float32Array): Field => ({ a: plane.a, b: plane.b, values });
    const fixedOnes = [
      { key: 'train-nll', label: 'Train NLL', unit: 'nats', digits: 3, field: fieldOf(plane.trainNll) },
      { key: 'test-nll', label: 'Test NLL', unit: 'nats', digits: 3, field: fieldOf(plane.testNll) },
      { key: 'test-accuracy', label: 'Test accuracy', unit: '', digits: 3, field: fieldOf(plane.testAccuracy) },
    ];
    const live = maps.filter((map) => map.live);
    const all = [...fixedOnes, ...live.map(({ key, title, unit, field }) => ({ key, label: title, unit, digits: 3, field }))];
    const minima = [...live.map(({ title, field }) => ({ name: `Lowest: ${title}`, field })), ...fixedOnes.slice(0, 2).map(({ label, field }) => ({ name: `Lowest: ${label}`, field }))].flatMap(({ name, field }) => {
      const least = fieldMinimum(field)?.refined;
      return least ? [{ name, arm: null, a: least.a, b: least.b }] : [];
    });
    const places = [...plane.points.map(({ name, arm, a, b, off }) => ({ name: off > 0 ? `${name} (projected, ${off.toFixed(1)} off the plane)` : name, arm, a, b })), ...minima];
    return {
      columns: all.map(({ field: _field, ...column }) => column),
      rows: places.map((place) => ({ ...place, values: Object.fromEntries(all.map(({ key, field }) => [key, bilinear(field, place.a, place.b)])) })),
    };
  }, [plane, maps]);
  return <NumbersTable rows={rows} columns={columns} picked={picked} onPick={onPick} />;
}
