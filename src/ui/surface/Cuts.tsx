/** The cuts: which one, which seed, their plot and the alignment-gap table. */
import { Group, Select } from '@mantine/core';
import { memo, useMemo, useState } from 'react';
import type { AlignmentGap, Line } from '../../experiment/result.ts';
import { INDEPENDENT_CUT } from '../../experiment/cuts.ts';
import type { Family } from '../../prior/prior.ts';
import { Figure } from '../charts/Figure.tsx';
import { cutCsv, cutPicture, isFlat } from './cut.ts';
import { CutPlot } from './CutPlot.tsx';
import { GapTable } from './GapTable.tsx';
import { liveGap } from './objective.ts';
import styles from './surface.module.css';

const ALL = 'all';

interface CutsProps {
  lines: readonly Line[];
  alignmentGap: readonly AlignmentGap[];
  family: Family | null;
  scale: number;
  /** λ is where tuning put it: the table's own row says the same. */
  tuned: boolean;
}

export const Cuts = memo(function Cuts({ lines, alignmentGap, family, scale, tuned }: CutsProps) {
  const cuts = useMemo(() => [...new Set(lines.map((line) => line.cut))], [lines]);
  const [wanted, setWanted] = useState<string | null>(null);
  const [wantedSeed, setSeed] = useState<string>(ALL);
  const cut = wanted !== null && cuts.includes(wanted) ? wanted : cuts[0];
  const own = useMemo(() => lines.filter((line) => line.cut === cut), [lines, cut]);
  const seed = own.some((line) => String(line.seed) === wantedSeed) ? wantedSeed : ALL;
  const shown = useMemo(() => (seed === ALL ? own : own.filter((line) => String(line.seed) === seed)), [own, seed]);
  const [wantedExcess, setExcess] = useState<boolean | null>(null);
  const plain = useMemo(() => cutPicture(shown, family, scale), [shown, family, scale]);
  const excess = wantedExcess ?? (plain !== null && isFlat(plain));
  const picture = useMemo(() => (excess ? cutPicture(shown, family, scale, true) : plain), [shown, family, scale, excess, plain]);
  const live = useMemo(() => (family ? liveGap(own, family, scale) : null), [own, family, scale]);
  const here = useMemo(() => (family ? liveGap(shown, family, scale) : null), [shown, family, scale]);
  const [first] = shown;
  if (!cut || !first || !picture) return null;
  const controls = (
    <Group gap={6} wrap="nowrap">
      <Select size="xs" w={190} aria-label="Cut" allowDeselect={false} value={cut} onChange={setWanted} data={cuts.map((value) => ({ value, label: value === INDEPENDENT_CUT ? 'Top covariance direction' : value }))} />
      <Select size="xs" w={100} aria-label="Seed" allowDeselect={false} value={seed} onChange={(value) => setSeed(value ?? ALL)} data={[{ value: ALL, label: 'All seeds' }, ...own.map((line) => ({ value: String(line.seed), label: `Seed ${line.seed}` }))]} />
    </Group>
  );
  return (
    <div className={styles.container}>
      <div className={styles.cut}>
        <Figure title="Along a cut" name="cut" csv={() => cutCsv(own, family, scale)} controls={controls}>
          <CutPlot picture={picture} excess={excess} onExcess={setExcess} line={first} family={family} scale={scale} gap={here} />
        </Figure>
        <GapTable gaps={alignmentGap.filter((gap) => gap.cut === cut)} live={live && family && !tuned ? { family, scale, gap: live } : null} />
      </div>
    </div>
  );
});
