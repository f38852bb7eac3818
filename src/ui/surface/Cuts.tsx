/** The evidence on lines: which cut and seed, its plot or basin plot, the direction test beside it, the alignment gaps below. */
import { Group, Select } from '@mantine/core';
import { memo, type ReactNode, useMemo, useState } from 'react';
import type { AlignmentGap, DirectionTest, Line } from '../../experiment/result.ts';
import { BASIN } from '../../experiment/surface/evidence.ts';
import type { Family } from '../../prior/prior.ts';
import { Figure } from '../charts/Figure.tsx';
import { basinCsv } from './basin.ts';
import { BasinPlot } from './BasinPlot.tsx';
import { cutCsv, cutNames, cutPicture, cutTitle, isFlat, liveRow } from './cut.ts';
import { CutPlot } from './CutPlot.tsx';
import { DirectionPlot } from './DirectionPlot.tsx';
import styles from './evidence.module.css';
import { GapTable } from './GapTable.tsx';
import type { PriorSetting } from './objective.ts';

const ALL = 'all';
/** What stands beside the selected prior at first. */
const BESIDE: readonly Family[] = ['l2-sp', 'isotropic'];

interface CutsProps {
  /** Of every cut and seed, those a visitor measured among them. */
  lines: readonly Line[];
  /** At the tuned priors (evidence.ts), for the same cuts. */
  alignmentGap: readonly AlignmentGap[];
  /** All that the lines carry. */
  families: readonly Family[];
  /** The selected one. */
  family: Family | null;
  setting: PriorSetting;
  /** Where the controls stood before the drag; null while nothing moved. */
  ghost: PriorSetting | null;
  /** The controls stand where tuning put them: the table's own row says the same. */
  tuned: boolean;
  directionTest: DirectionTest | null;
  /** The cut shown, where the parent wants to choose it. */
  cut?: string | null;
  onCut?: (cut: string) => void;
  /** Beside the choice of the cut. */
  controls?: ReactNode;
}

export const Cuts = memo(function Cuts({ lines, alignmentGap, families, family, setting, ghost, tuned, directionTest, cut: asked, onCut, controls }: CutsProps) {
  const names = useMemo(() => cutNames(lines), [lines]);
  const [chosen, setChosen] = useState<string | null>(null);
  const [wantedSeed, setSeed] = useState<string>(ALL);
  const wanted = asked ?? chosen;
  const all = [...names.between, ...names.basins];
  const cut = wanted !== null && all.includes(wanted) ? wanted : all[0];
  const own = useMemo(() => lines.filter((line) => line.cut === cut), [lines, cut]);
  const seeds = useMemo(() => [...new Set(own.map((line) => line.seed))], [own]);
  const seed = seeds.some((one) => String(one) === wantedSeed) ? wantedSeed : ALL;
  const shown = useMemo(() => (seed === ALL ? own : own.filter((line) => String(line.seed) === seed)), [own, seed]);
  // Kept while a control is dragged: choices are dear to draw.
  const choices = useMemo(() => {
    const choose = (value: string | null) => {
      if (value === null) return;
      setChosen(value);
      onCut?.(value);
    };
    const label = (value: string) => ({ value, label: cutTitle(value.startsWith(BASIN) ? value.slice(BASIN.length) : value) });
    const data = [
      ...(names.between.length > 0 ? [{ group: 'Alignment', items: names.between.map(label) }] : []),
      ...(names.basins.length > 0 ? [{ group: 'Basin plots', items: names.basins.map(label) }] : []),
    ];
    return (
      <Group gap={6} wrap="wrap" justify="flex-end">
        {controls}
        <Select size="xs" w={190} aria-label="Cut" allowDeselect={false} value={cut ?? null} onChange={choose} data={data} />
        <Select size="xs" w={100} aria-label="Seed" allowDeselect={false} value={seed} onChange={(value) => setSeed(value ?? ALL)} data={[{ value: ALL, label: 'All seeds' }, ...seeds.map((one) => ({ value: String(one), label: `Seed ${one}` }))]} />
      </Group>
    );
  }, [names, cut, seed, seeds, controls, onCut]);
  if (cut === undefined) return null;
  const basin = cut.startsWith(BASIN);
  return (
    <div className={styles.evidence}>
      <div className={styles.plots}>
        {basin
          ? <Figure title="Basins along one direction" name="basin" csv={() => basinCsv(own)} controls={choices}><BasinPlot lines={shown} /></Figure>
          : <OneCut {...{ own, shown, families, family, setting, ghost, choices }} />}
        {directionTest
          ? <DirectionPlot test={directionTest} />
          : <p className={styles.absent}>What a step along the learned covariance costs, against a random one, is measured last. It needs a low-rank posterior, and plain fine-tuning and the linear probe among the arms.</p>}
      </div>
      <Gaps gaps={alignmentGap} cut={basin ? null : cut} own={own} family={family} setting={setting} tuned={tuned} />
    </div>
  );
});

interface OneCutProps extends Pick<CutsProps, 'families' | 'family' | 'setting' | 'ghost'> {
  own: readonly Line[];
  shown: readonly Line[];
  choices: ReactNode;
}

function OneCut({ own, shown, families, family, setting, ghost, choices }: OneCutProps) {
  const [beside, setBeside] = useState<readonly Family[]>(BESIDE);
  const [wantedExcess, setExcess] = useState<boolean | null>(null);
  const ask = useMemo(() => ({ family, beside: beside.filter((one) => families.includes(one)), setting, ghost }), [family, families, beside, setting, ghost]);
  // Decided where the drag began, so that the axis does not change its meaning under the visitor's hand.
  const still = ghost ?? setting;
  const flat = useMemo(() => {
    const found = cutPicture(shown, { family, beside: [], setting: still, ghost: null, excess: false });
    return found !== null && isFlat(found);
  }, [shown, family, still]);
  const excess = wantedExcess ?? flat;
  const picture = useMemo(() => cutPicture(shown, { ...ask, excess }), [shown, ask, excess]);
  const gap = useMemo(() => liveRow(shown, family, setting) ?? liveRow(shown, null, setting), [shown, family, setting]);
  const [first] = shown;
  if (!first || !picture) return null;
  return (
    <Figure title="Along a cut" name="cut" csv={() => cutCsv(own, families, setting)} controls={choices}>
      <CutPlot {...{ picture, families, family, beside, excess, gap }} line={first} onBeside={setBeside} onExcess={setExcess} />
    </Figure>
  );
}

interface GapsProps extends Pick<CutsProps, 'family' | 'setting' | 'tuned'> {
  gaps: readonly AlignmentGap[];
  cut: string | null;
  own: readonly Line[];
}

function Gaps({ gaps, cut, own, family, setting, tuned }: GapsProps) {
  const live = useMemo(() => (family && cut !== null ? liveRow(own, family, setting) : null), [own, cut, family, setting]);
  if (gaps.length === 0 && !live) return null;
  return <GapTable gaps={gaps} cut={cut} live={live && { gap: live, setting: tuned ? null : setting }} />;
}
