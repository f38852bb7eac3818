/** Start from weights: drop or choose a file, see which of its tensors fit the network and which do not, use it. */
import { Button, FileButton, Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconFile } from '@tabler/icons-react';
import { type DragEvent, useMemo, useState } from 'react';
import { fitSentence, type FitRow, type WeightsFit, type WeightsListing } from '../../prior/weights.ts';
import { forgetChoice } from '../attachments.ts';
import '../charts/table.css';
import { useLab, useSlice } from '../context.ts';
import dialog from '../data/import.module.css';
import { Field } from '../settings/Field.tsx';
import { fitTo, offerOf } from './fit.ts';
import styles from './weights.module.css';

export function StartDialog() {
  const lab = useLab();
  const choosing = useSlice((state) => state.choosingWeights);
  const narrow = useMediaQuery('(max-width: 820px)') ?? false;
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) void lab.weights.read(file);
  };
  return (
    <Modal opened={choosing !== null} onClose={() => lab.weights.close()} size={820} fullScreen={narrow} closeOnClickOutside={false} title="Start from weights" closeButtonProps={{ 'aria-label': 'Cancel and close' }} classNames={{ body: dialog.body! }}>
      <div
        onDrop={drop} onDragLeave={() => setOver(false)}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
      >
        {choosing?.listing ? <Report listing={choosing.listing} fault={choosing.fault} /> : <Choose over={over} busy={choosing?.busy ?? false} fault={choosing?.fault ?? null} />}
      </div>
    </Modal>
  );
}

function Choose({ over, busy, fault }: { over: boolean; busy: boolean; fault: string | null }) {
  const lab = useLab();
  return (
    <div className={dialog.start}>
      <div className={dialog.zone} data-over={over || undefined}>
        <p className={dialog.lead}>{busy ? 'Reading the file…' : 'Drop a safetensors file here'}</p>
        <Pick label="Choose a file" disabled={busy} onPick={(file) => void lab.weights.read(file)} />
        <p className={dialog.quiet}>Weights of one of the networks here, named as PyTorch names them, or a prior file of this lab, whose mean is taken. It stays on this machine.</p>
      </div>
      {fault && <p className="fault" role="alert">{fault}</p>}
    </div>
  );
}

function Pick({ label, disabled = false, quiet = false, onPick }: { label: string; disabled?: boolean; quiet?: boolean; onPick(file: File): void }) {
  return (
    <FileButton accept=".safetensors" onChange={(file) => file && onPick(file)} inputProps={{ 'aria-label': 'Weights file', onClick: forgetChoice }}>
      {(props) => <Button {...props} disabled={disabled} variant={quiet ? 'default' : 'filled'} leftSection={<IconFile size={16} aria-hidden />}>{label}</Button>}
    </FileButton>
  );
}

function Report({ listing, fault }: { listing: WeightsListing; fault: string | null }) {
  const lab = useLab();
  const config = useSlice((state) => state.settings.config);
  const preview = useSlice((state) => state.data.source.preview);
  const fit = useMemo(() => (preview ? fitTo(listing, config, preview) : null), [listing, config, preview]);
  const offer = useMemo(() => (preview ? offerOf(listing, config, preview) : null), [listing, config, preview]);
  const sound = fit !== null && !('fault' in fit) ? fit : null;
  return (
    <div className={dialog.form}>
      <div className={dialog.understood}>
        <p className={dialog.lead}>{listing.file}{listing.prior && ', a prior file: its mean is taken'}</p>
        {sound && <p>{fitSentence(sound)}</p>}
        {fit && 'fault' in fit && <p className="fault" role="alert">{fit.fault}</p>}
        {!preview && <p className={dialog.quiet}>The network is known once the source data are here.</p>}
        {sound?.used === 0 && !offer && <p className="fault" role="alert">Nothing in this file fits the network of the settings, so it cannot start from it.</p>}
      </div>
      {offer && (
        <div className={styles.offer}>
          <p>The file tells of <strong>{offer.words}</strong>, which takes more of it.</p>
          <Button size="xs" variant="light" onClick={() => lab.edit(offer.edits)}>Use that network</Button>
        </div>
      )}
      {sound && <FitTable fit={sound} />}
      <div className={styles.steps}>
        <div className={styles.field}><Field setting="source.steps" /></div>
        <p className={dialog.quiet}>Good weights need few steps, or none. Pixels are normalised as for these source data, whatever the weights were trained with.</p>
      </div>
      {fault && <p className="fault" role="alert">{fault}</p>}
      <div className={dialog.foot}>
        <span className={dialog.grow} />
        <Button variant="default" onClick={() => lab.weights.close()}>Cancel</Button>
        <Pick label="Another file" quiet onPick={(file) => void lab.weights.read(file)} />
        <Button disabled={!sound || sound.used === 0} onClick={() => void lab.weights.use()}>Start from these</Button>
      </div>
    </div>
  );
}

const shape = (of: readonly number[]) => (of.length === 0 ? 'a number' : of.join('×'));

const STATE: Record<FitRow['state'], string> = { used: 'taken', missing: 'not in the file', shape: 'another shape', kind: 'no floats' };

/** The head is taken whole or not at all. */
function stateWords({ part, state }: FitRow, head: boolean): string {
  return part === 'head' && state === 'used' && !head ? 'left, with the rest of the head' : STATE[state];
}

/** Tensors without a place that are named. */
const NAMED = 12;

function FitTable({ fit: { rows, extra, head } }: { fit: WeightsFit }) {
  return (
    <div className={`number-scroll ${styles.scroll}`} tabIndex={0} role="region" aria-label="Tensors of the network and of the file">
      <table className={`number-table ${styles.table}`}>
        <thead><tr><th scope="col">Network</th><th scope="col">Shape</th><th scope="col">In the file</th><th scope="col">Shape and kind</th><th scope="col">Outcome</th></tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name} data-out={row.state !== 'used' || undefined}>
              <th scope="row">{row.name}</th><td>{shape(row.shape)}</td><td>{row.found?.name ?? '–'}</td><td>{row.found ? `${shape(row.found.shape)} ${row.found.dtype}` : '–'}</td><td>{stateWords(row, head)}</td>
            </tr>
          ))}
          {extra.slice(0, NAMED).map((name) => <tr key={`extra ${name}`} data-out><th scope="row">–</th><td>–</td><td>{name}</td><td>–</td><td>no place in this network</td></tr>)}
          {extra.length > NAMED && <tr data-out><th scope="row">–</th><td>–</td><td colSpan={3}>and {(extra.length - NAMED).toLocaleString('en-GB')} more without a place</td></tr>}
        </tbody>
      </table>
    </div>
  );
}
