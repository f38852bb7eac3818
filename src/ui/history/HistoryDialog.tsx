/** The runs kept on this machine: open one, compare several, name and tag them, take them elsewhere as a zip file and bring them back, delete with a way back. */
import { Button, Checkbox, FileButton, Loader, Modal, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useState } from 'react';
import { inMegabytes } from '../../data/hub/ask.ts';
import type { RunEntry } from '../../storage/runs/entry.ts';
import { forgetChoice } from '../attachments.ts';
import { useLab, useSlice } from '../context.ts';
import { CompareView } from './CompareView.tsx';
import { Deleted } from './Deleted.tsx';
import { RunRow } from './RunRow.tsx';
import { mostCompared, olderThan, shownRuns } from './list.ts';
import styles from './history.module.css';

export function HistoryDialog({ opened, onClose }: { opened: boolean; onClose(): void }) {
  const narrow = useMediaQuery('(max-width: 820px)') ?? false;
  return (
    <Modal opened={opened} onClose={onClose} size={1060} fullScreen={narrow} title="Runs on this machine" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Runs onOpened={onClose} />
    </Modal>
  );
}

function Runs({ onOpened }: { onOpened(): void }) {
  const lab = useLab();
  const { list, fault, undo, busy, withPrior } = useSlice((state) => state.history);
  const [wanted, setWanted] = useState('');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  if (!list) return fault === null ? <div className={styles.waiting} role="status"><Loader size="sm" /><span>Reading the runs…</span></div> : <p className="fault" role="alert">{fault}</p>;
  const { runs, deleted, room } = list;
  const picked = runs.filter(({ id }) => chosen.includes(id));
  const choose = (id: string, on: boolean) => setChosen(on ? [...chosen, id].slice(-mostCompared) : chosen.filter((one) => one !== id));
  return (
    <div className={styles.history}>
      <div className={styles.tools}>
        {runs.length > 3 && <TextInput className={styles.find!} size="xs" placeholder="Name, tag or result" aria-label="Find runs" value={wanted} onChange={(event) => setWanted(event.currentTarget.value)} />}
        <Checkbox size="xs" label="Keep each run’s prior too" checked={withPrior} onChange={(event) => lab.history.keepPriors(event.currentTarget.checked)} />
        <FileButton accept=".zip,application/zip" onChange={(file) => file && void lab.history.add(file)} inputProps={{ 'aria-label': 'Run as a zip file', onClick: forgetChoice }}>
          {(props) => <Button {...props} size="xs" variant="default" loading={busy}>Add a run from a file</Button>}
        </FileButton>
      </div>
      <div aria-live="polite">
        {fault !== null && <p className="fault" role="alert">{fault}</p>}
        {undo && <p className={styles.undo}><span>Deleted “{undo.name}”.</span><Button size="compact-xs" variant="default" onClick={() => void lab.history.restore(undo.id)}>Undo</Button></p>}
      </div>
      {picked.length > 1 && <CompareView runs={picked} />}
      {runs.length === 0 ? <p className={styles.empty}>No runs yet. Every finished run is kept here by itself, with its settings, numbers and loss maps, until you delete it.</p> : (
        <>
          {runs.length > 1 && picked.length < 2 && <p className={styles.quiet}>Choose two or more runs to see them on one chart.</p>}
          <ul className={styles.list}>
            {shownRuns(runs, wanted).map((run) => (
              <RunRow key={run.id} run={run} against={againstOf(run, runs, picked)} chosen={chosen.includes(run.id)} place={picked.findIndex(({ id }) => id === run.id)} comparing={picked.length > 1} onChoose={(on) => choose(run.id, on)} onOpened={onOpened} />
            ))}
          </ul>
        </>
      )}
      <Deleted runs={deleted} />
      {room && (
        <p className={styles.quiet}>
          {runs.length + deleted.length > 0 && `These runs take ${inMegabytes([...runs, ...deleted].reduce((sum, { bytes }) => sum + bytes, 0))}. `}
          This page keeps {inMegabytes(room.used)} in all, of {inMegabytes(room.most)} that the browser allows.
          {isShort(room) && ' Room is short: save runs you want to keep as files and delete them here, or remove kept data under Add data.'}
        </p>
      )}
    </div>
  );
}

/** The run that a row is held against: the first chosen one, else the one made before it. */
function againstOf(run: RunEntry, runs: readonly RunEntry[], picked: readonly RunEntry[]): RunEntry | null {
  const [first] = picked;
  return first ? (first.id === run.id ? null : first) : olderThan(run, runs);
}

function isShort({ used, most }: { used: number; most: number }): boolean {
  return used > 0.9 * most || most - used < 50e6;
}
