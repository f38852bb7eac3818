/** Panel 4: who is better, by how much, and whether that is more than chance; and the whole result as files. */
import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { memo, useMemo } from 'react';
import type { Result } from '../../experiment/result.ts';
import { layersCsv, resultJson, runsCsv, surfaceJson } from '../../storage/exports.ts';
import { saveText } from '../charts/save.ts';
import { useLab, useSlice } from '../context.ts';
import { isHere } from '../store.ts';
import { fileName } from '../figures.ts';
import { ClassTable } from '../segmentation/ClassTable.tsx';
import { PixelPictures } from '../segmentation/PixelPictures.tsx';
import { LayerScales } from '../verdict/LayerScales.tsx';
import { Networks } from '../verdict/Networks.tsx';
import { VerdictTable } from '../verdict/VerdictTable.tsx';
import { EXPLANATIONS } from './explanations.ts';
import { ArmsGhost } from './Ghosts.tsx';
import { Panel } from './Panel.tsx';

/** The forest plot and the table: headings and two rows an arm. */
const rowsHeight = (arms: number) => 185 + 78 * arms;

export const VerdictPanel = memo(function VerdictPanel() {
  const arms = useSlice((state) => state.picture.arms);
  const summaries = useSlice((state) => state.picture.summaries);
  const comparisons = useSlice((state) => state.picture.comparisons);
  const segmentation = useSlice((state) => state.picture.segmentation);
  const config = useSlice((state) => (state.shown ?? state.settings).config);
  const running = useSlice((state) => state.picture.stages.downstream.state === 'running');
  const flat = useSlice((state) => (state.imported?.summary ?? state.picture.summary)?.rank === 0);
  // Of a run that was kept only numbers are there.
  const here = useSlice((state) => state.picture.result !== null && isHere(state));
  const height = rowsHeight(config.arms.length);
  return (
    <Panel stage="verdict" number={4} title="Verdict" explanation={EXPLANATIONS.verdict} promise="Whether any prior helped, and by how much, will be said here." actions={<Exports />}>
      <div className="chart-place" style={{ minHeight: height }}>
        {arms.length > 0
          ? <><VerdictTable arms={arms} summaries={summaries} comparisons={comparisons} seeds={config.seeds} flat={flat} />{segmentation && <><ClassTable segmentation={segmentation} />{here && <PixelPictures />}</>}<LayerScales arms={config.arms} method={config['prior.scaling']} seeds={config.seeds} />{here && <Networks arms={arms} />}</>
          : <ArmsGhost arms={config.arms} running={running} />}
      </div>
    </Panel>
  );
});

const FILES: { label: string; ending: string; type: string; text: (result: Result) => string; where?: (result: Result) => boolean }[] = [
  { label: 'result.json', ending: 'result.json', type: 'application/json', text: resultJson },
  { label: 'runs.csv', ending: 'runs.csv', type: 'text/csv', text: runsCsv },
  { label: 'layers.csv', ending: 'layers.csv', type: 'text/csv', text: ({ scaling }) => layersCsv(scaling!), where: ({ scaling }) => scaling !== null },
  { label: 'surface.json', ending: 'surface.json', type: 'application/json', text: surfaceJson },
];

function Exports() {
  const lab = useLab();
  const result = useSlice((state) => state.picture.result);
  const name = useSlice((state) => state.settings.config.name);
  // The name is the one thing that changes without a new run.
  const named = useMemo(() => result && { ...result, config: { ...result.config, name } }, [result, name]);
  return FILES.filter(({ where }) => !where || (named && where(named))).map(({ label, ending, type, text }) => (
    <Button
      key={label} size="compact-xs" variant="default" disabled={!named} leftSection={<IconDownload size={13} aria-hidden />} title={named ? `Save ${label}` : 'When the run has finished'}
      onClick={() => {
        if (!named) return;
        try {
          saveText(text(named), `${fileName(name)}-${ending}`, type);
        } catch (error) {
          lab.complain(`${label} could not be written: ${error instanceof Error ? error.message : String(error)}`);
        }
      }}
    >
      {label}
    </Button>
  ));
}
