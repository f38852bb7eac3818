/** A data set in full: sheets as it is and as the network sees it, counts, names to change, licence; and views of it as a whole. */
import { Button, Modal, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useState } from 'react';
import type { ContactSheet, DatasetPreview } from '../../data/preview.ts';
import { useLab, useSlice } from '../context.ts';
import { Field } from '../settings/Field.tsx';
import { type Role, sentenceOf } from '../store.ts';
import { MapKey } from './MapKey.tsx';
import { LookTabs } from './look/LookTabs.tsx';
import { Notes } from './Notes.tsx';
import { TileCanvas } from './TileCanvas.tsx';

/** Height of a class's row, px. */
const ROW = 34;

interface DataDialogProps {
  role: Role;
  opened: boolean;
  onClose(): void;
  preview: DatasetPreview;
  /** The visitor's own data, whose classes can be renamed. */
  added: boolean;
}

export function DataDialog({ role, opened, onClose, preview, added }: DataDialogProps) {
  const narrow = useMediaQuery('(max-width: 820px)') ?? false;
  return (
    <Modal opened={opened} onClose={onClose} size={980} fullScreen={narrow} title={`${role === 'source' ? 'Source' : 'Downstream'} data: ${preview.name}`} closeButtonProps={{ 'aria-label': 'Close' }}>
      <LookTabs role={role} mapped={preview.mapped} samples={<Samples role={role} preview={preview} added={added} onClose={onClose} />} />
    </Modal>
  );
}

function Samples({ role, preview, added, onClose }: Omit<DataDialogProps, 'opened'>) {
  const changed = role === 'source' ? preview.augmented : preview.shifted;
  return (
    <>
      <div className="sheets">
        {!preview.mapped && <div className="sheet-labels">
          <p className="sheet-title">Class</p>
          {preview.classNames.slice(0, preview.sheet.rows).map((name, row) => (
            <div key={name} className="sheet-label" style={{ height: ROW }}><strong>{name}</strong><span>{(preview.counts[row] ?? 0).toLocaleString('en-GB')}</span></div>
          ))}
        </div>}
        <Sheet title="as it is" sheet={preview.sheet} tile={preview} />
        {changed && <Sheet title={role === 'source' ? 'augmented' : 'shifted'} sheet={changed} tile={preview} />}
      </div>
      {preview.mapped && <MapKey classNames={preview.classNames} counts={preview.counts} />}
      <p className="licence">{preview.licence || 'Your own data; their licence is not known here.'}</p>
      <Field setting={`${role}.classes`} />
      {added && <Own key={preview.name} data={preview.name} onGone={onClose} />}
    </>
  );
}

function Sheet({ title, sheet, tile }: { title: string; sheet: ContactSheet; tile: { height: number; width: number } }) {
  const scale = ROW / (tile.height + 1);
  return (
    <figure className="sheet">
      <figcaption className="sheet-title">{title}</figcaption>
      <div style={{ width: sheet.width * scale, height: sheet.height * scale }}><TileCanvas pixels={sheet} className="sheet-canvas" /></div>
    </figure>
  );
}

/** What can be done to data of one's own: see what was left out, rename the classes, take it away again. */
function Own({ data, onGone }: { data: string; onGone(): void }) {
  const lab = useLab();
  const notes = useSlice((state) => state.datasets.find(({ summary }) => summary.name === data)?.notes);
  const idle = useSlice((state) => state.phase === 'idle');
  const remove = () => lab.material.forgetData(data).then(onGone, (error: unknown) => lab.complain(sentenceOf(error)));
  return (
    <>
      {notes && <div className="look-notes"><Notes notes={notes} /></div>}
      <RenameClasses data={data} />
      <Button size="xs" variant="default" mt={14} disabled={!idle} onClick={() => void remove()}>Remove {data} from the lab</Button>
    </>
  );
}

/** Names of all classes of an added data set; the choice of classes follows them. */
function RenameClasses({ data }: { data: string }) {
  const lab = useLab();
  const names = useSlice((state) => state.datasets.find(({ summary }) => summary.name === data)?.summary.classNames);
  const [typed, setTyped] = useState<string[] | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  if (!names) return null;
  const shown = typed ?? names;
  const save = () => lab.material.renameClasses(data, shown).then(() => {
    setTyped(null);
    setFault(null);
  }, (error: unknown) => setFault(sentenceOf(error)));
  return (
    <form className="rename" onSubmit={(event) => {
      event.preventDefault();
      void save();
    }}>
      <h3>Class names</h3>
      <div className="rename-fields">
        {shown.map((name, i) => (
          <TextInput key={i} size="xs" value={name} aria-label={`Name of class ${names[i] ?? i}`} onChange={(event) => setTyped(shown.map((one, j) => (j === i ? event.currentTarget.value : one)))} />
        ))}
      </div>
      {fault && <p className="fault" role="alert">{fault}</p>}
      <Button type="submit" size="xs" disabled={typed === null}>Rename</Button>
    </form>
  );
}
