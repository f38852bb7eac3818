/** Every image of a data set on one long sheet. Only the blocks in sight are asked of the worker and drawn. */
import { NativeSelect } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { memo, useMemo, useState } from 'react';
import type { DataLook } from '../../../experiment/look/look.ts';
import { useLab } from '../../context.ts';
import type { Role } from '../../store.ts';
import { TileCanvas } from '../TileCanvas.tsx';
import { gridOf, type Grid, inSight } from './grid.ts';
import styles from './look.module.css';
import { useAnswer } from './useAnswer.ts';

interface AllImagesProps {
  role: Role;
  look: DataLook;
  /** Names the data and settings that are shown. */
  identity: string;
}

export function AllImages({ role, look, identity }: AllImagesProps) {
  const [label, setLabel] = useState<number | null>(null);
  const [top, setTop] = useState(0);
  const { ref, width, height } = useElementSize<HTMLDivElement>();
  const count = label === null ? look.count : look.counts[label]!;
  const grid = useMemo(() => gridOf({ count, width, tile: look }), [count, width, look]);
  const blocks = grid ? inSight(grid, top, height) : [];
  return (
    <div className={styles.all}>
      <div className={styles.filter}>
        <NativeSelect
          size="xs" aria-label="Class shown" value={label === null ? '' : String(label)} data={[{ value: '', label: 'All classes' }, ...look.classNames.map((name, i) => ({ value: String(i), label: name }))]}
          onChange={({ currentTarget }) => {
            setLabel(currentTarget.value === '' ? null : Number(currentTarget.value));
            setTop(0);
          }}
        />
        <span className={styles.quiet}>{count.toLocaleString('en-GB')} images, {look.height}×{look.width} pixels each, in the order of the data</span>
      </div>
      <div key={label} ref={ref} className={styles.scroller} tabIndex={0} role="region" aria-label={`All ${count.toLocaleString('en-GB')} images`} onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}>
        {grid && <div className={styles.long} style={{ height: grid.height }}>{blocks.map((block) => <Strip key={`${label} ${grid.columns} ${block}`} role={role} identity={identity} label={label} grid={grid} block={block} />)}</div>}
      </div>
    </div>
  );
}

/** Some lines of the grid on one canvas; until it is there, its place is held. */
const Strip = memo(function Strip({ role, identity, label, grid, block }: { role: Role; identity: string; label: number | null; grid: Grid; block: number }) {
  const lab = useLab();
  const from = block * grid.lines * grid.columns;
  const to = Math.min(grid.count, from + grid.lines * grid.columns);
  const answer = useAnswer(`${identity} ${label} ${grid.columns} ${from}`, () => lab.looking.block(role, { label, from, to, columns: grid.columns }));
  const sheet = answer.state === 'done' ? answer.value.sheet : null;
  const size = { top: block * grid.lines * grid.line, width: grid.scale * (sheet?.width ?? grid.columns), height: sheet ? grid.scale * sheet.height : Math.ceil((to - from) / grid.columns) * grid.line };
  return (
    <div className={styles.strip} data-empty={sheet === null || undefined} style={sheet ? size : { ...size, width: '100%' }}>
      {answer.state === 'failed' ? <p className="fault" role="alert">{answer.sentence}</p> : sheet && <TileCanvas pixels={sheet} className="sheet-canvas" />}
    </div>
  );
});
