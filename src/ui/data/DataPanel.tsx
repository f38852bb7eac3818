/**
 * The data of a role: which set, which classes, what the network will see of it, and a place to drop files of one's
 * own. Files open the import dialog; until they are used nothing changes here.
 */
import { Button, NativeSelect, UnstyledButton } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { memo, type DragEvent, useMemo, useState } from 'react';
import { GLYPHS, SCENES, TOY } from '../../experiment/config/config.ts';
import { BUILT_IN } from '../../experiment/tasks.ts';
import type { DatasetPreview } from '../../data/preview.ts';
import { useLab, useSlice } from '../context.ts';
import type { Edits } from '../settings/edit.ts';
import { type Role, sentenceOf } from '../store.ts';
import { ClassChips } from './ClassChips.tsx';
import { classesOf, others, split } from './classes.ts';
import { DataDialog } from './DataDialog.tsx';
import { dropped } from './gather.ts';
import { MapKey } from './MapKey.tsx';
import mapStyles from './map-key.module.css';
import { PointsPlot } from './PointsPlot.tsx';
import { QuestionsMenu } from './QuestionsMenu.tsx';
import { TileCanvas } from './TileCanvas.tsx';

const CHANGED_VIEW: Record<Role, { name: string; sheet: 'augmented' | 'shifted' }> = {
  source: { name: 'augmented', sheet: 'augmented' },
  downstream: { name: 'shifted', sheet: 'shifted' },
};

export const DataPanel = memo(function DataPanel({ role, disabled = false }: { role: Role; disabled?: boolean }) {
  const lab = useLab();
  const data = useSlice((state) => state.settings.config[`${role}.data`]);
  const chosen = useSlice((state) => state.settings.config[`${role}.classes`]);
  const added = useSlice((state) => state.datasets);
  const kept = useSlice((state) => state.kept);
  const { preview, previewFault, fitting, busy } = useSlice((state) => state.data[role]);
  const [changedView, setChangedView] = useState(role === 'downstream');
  const [dialog, setDialog] = useState(false);
  const [over, setOver] = useState(false);
  const all = useMemo(() => classesOf(role, data, chosen, added.map((one) => one.summary)), [role, data, chosen, added]);
  const notes = added.find(({ summary }) => summary.name === data)?.notes;
  const known = BUILT_IN.includes(data) || added.some(({ summary }) => summary.name === data);
  const options = [
    { value: GLYPHS, label: role === 'source' ? 'Glyphs: print typefaces' : 'Glyphs: handwriting' },
    ...(role === 'downstream' ? [{ value: SCENES, label: 'Scenes of glyphs: a class at every pixel' }] : []),
    { value: TOY, label: 'Toy: points in the plane' },
    ...added.map(({ summary }) => ({ value: summary.name, label: summary.name })),
    ...kept.filter(({ name }) => !added.some(({ summary }) => summary.name === name)).map(({ name }) => ({ value: name, label: `${name} (kept here)` })),
    ...(known || kept.some(({ name }) => name === data) ? [] : [{ value: data, label: `${data} (not here)` }]),
  ];
  const view = CHANGED_VIEW[role];
  const other = preview?.[view.sheet] ?? null;
  const sheet = changedView && other ? other : preview?.sheet ?? null;
  const rest = others(all, chosen).length;
  const choose = (name: string) => {
    const there = BUILT_IN.includes(name) || added.some(({ summary }) => summary.name === name);
    if (there) lab.chooseData(role, name);
    else lab.material.useKept(role, name).catch((error: unknown) => lab.complain(sentenceOf(error)));
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (!disabled) void lab.imports.take(role, dropped(event.dataTransfer));
  };
  return (
    <div
      className="data" data-over={over || undefined} data-busy={busy || undefined} onDrop={drop} onDragLeave={() => setOver(false)}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(!disabled);
      }}
    >
      <div className="data-row">
        <NativeSelect className="data-select" size="xs" aria-label={role === 'source' ? 'Source data' : 'Downstream data'} value={data} data={options} disabled={disabled} onChange={(event) => choose(event.currentTarget.value)} />
        <Button size="xs" variant="default" disabled={disabled} leftSection={<IconUpload size={14} aria-hidden />} onClick={() => lab.imports.choose(role)} title="Images, a folder, an archive, arrays or a table of your own, or a set of the Hugging Face Hub. Or drop files here; they never leave this machine.">Add data</Button>
      </div>
      {data === TOY
        ? <PointsPlot points={preview?.points ?? null} classNames={preview?.points ? preview.classNames : []} label={role === 'source' ? 'Source points' : 'Downstream points of the first seed'} />
        : preview?.mapped
          ? <div className={mapStyles.sheet}><TileCanvas pixels={sheet} className="sheet-canvas" /><MapKey classNames={preview.classNames} /></div>
          : <ClassChips role={role} all={all} chosen={chosen} preview={preview} sheet={sheet} disabled={disabled} />}
      {notes && notes.length > 0 && !previewFault && <p className="data-notes">{notes.map(({ text }) => text).join(' ')}</p>}
      <div className="data-info">
        {previewFault
          ? <span className="fault" role="alert">{previewFault}</span>
          : <span>{preview ? described(role, preview) : 'Drawing a preview…'}</span>}
        {fitting && !disabled && <UnstyledButton className="text-button" onClick={() => lab.edit(fitting)}>{fittingWords(fitting)}</UnstyledButton>}
        {rest >= 2 && !disabled && !preview?.mapped && (
          <UnstyledButton className="text-button" onClick={() => lab.edit(split(role, data, all, chosen))}>
            {role === 'source' ? `Fine-tune on the other ${rest}` : `Learn the source on the other ${rest}`}
          </UnstyledButton>
        )}
        {other && <UnstyledButton className="text-button" onClick={() => setChangedView(!changedView)}>{changedView ? 'Show as it is' : `Show ${view.name}`}</UnstyledButton>}
        <QuestionsMenu disabled={disabled} />
        {data !== TOY && <UnstyledButton className="text-button" disabled={!preview} onClick={() => setDialog(true)}>Look closer</UnstyledButton>}
      </div>
      {preview && <DataDialog role={role} opened={dialog} onClose={() => setDialog(false)} preview={preview} added={added.some(({ summary }) => summary.name === data)} />}
    </div>
  );
});

function fittingWords({ 'downstream.n': n, 'downstream.validation': validation, 'downstream.test': test }: Edits): string {
  return `Take what fits: n ${String(n)}${validation === 0 ? '' : `, validation ${String(validation)}`}, test ${String(test)}`;
}

function described(role: Role, { count, height, width, channels, points }: DatasetPreview): string {
  if (points) return `${count.toLocaleString('en-GB')} points${role === 'downstream' ? ' a seed' : ''}`;
  const size = `${height}×${width}${channels > 1 ? `×${channels}` : ''}`;
  return `${count.toLocaleString('en-GB')} images${role === 'downstream' ? ' a seed' : ''}, ${size}`;
}
