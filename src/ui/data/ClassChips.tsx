/** The classes of a role, each with one of its images; pressing one takes it in or leaves it out. */
import { memo, useMemo } from 'react';
import { type ContactSheet, type DatasetPreview } from '../../data/preview.ts';
import { useLab } from '../context.ts';
import type { Role } from '../store.ts';
import { toggled } from './classes.ts';
import { TileCanvas } from './TileCanvas.tsx';
import { facesOf } from './tiles.ts';

interface ClassChipsProps {
  role: Role;
  all: string[];
  chosen: readonly string[];
  preview: DatasetPreview | null;
  sheet: ContactSheet | null;
  disabled: boolean;
}

export const ClassChips = memo(function ClassChips({ role, all, chosen, preview, sheet, disabled }: ClassChipsProps) {
  const lab = useLab();
  const tiles = useMemo(() => (preview && sheet ? facesOf(preview, sheet, all) : null), [preview, sheet, all]);
  const short = all.every((name) => name.length <= 2);
  const columns = short ? (role === 'source' && all.length > 12 ? 9 : Math.min(13, Math.max(10, all.length))) : role === 'source' ? 5 : 8;
  return (
    <div className="chips" role="group" aria-label={`${role === 'source' ? 'Source' : 'Downstream'} classes`} style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
      {all.map((name) => {
        const pressed = chosen.length === 0 || chosen.includes(name);
        return (
          <button
            key={name} type="button" className="chip" aria-pressed={pressed} disabled={disabled} title={`${name}: ${pressed ? 'leave out' : 'take in'}`}
            onClick={() => lab.edit({ [`${role}.classes`]: toggled(all, chosen, name) })}
          >
            <TileCanvas pixels={tiles?.get(name) ?? null} className="tile" />
            <span>{name}</span>
          </button>
        );
      })}
    </div>
  );
});
