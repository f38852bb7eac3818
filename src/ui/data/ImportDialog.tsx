/** Data of one's own on the way in: choose files, see what was understood of them, correct it, use it. What is there already stays until then. */
import { Button, Modal, Progress } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { type ReactNode, useDeferredValue } from 'react';
import { inMegabytes } from '../../data/hub/ask.ts';
import type { Importing } from '../importing.ts';
import { useLab, useSlice } from '../context.ts';
import { ImportForm } from './ImportForm.tsx';
import { ImportStart } from './ImportStart.tsx';
import styles from './import.module.css';

export function ImportDialog() {
  const lab = useLab();
  const importing = useSlice((state) => state.importing);
  const narrow = useMediaQuery('(max-width: 820px)') ?? false;
  return (
    <Modal
      opened={importing !== null} onClose={() => lab.imports.close()} size={980} fullScreen={narrow} closeOnClickOutside={false}
      title={importing && `Add ${importing.role === 'source' ? 'source' : 'downstream'} data`} closeButtonProps={{ 'aria-label': 'Cancel and close' }} classNames={{ body: styles.body! }}
    >
      {importing && <Stage importing={importing} />}
    </Modal>
  );
}

function Stage({ importing }: { importing: Importing }) {
  const { phase, role, found, fault, understanding, choices, progress } = importing;
  switch (phase) {
    case 'choosing': return <ImportStart role={role} fault={fault} />;
    case 'examining': return <Looking found={found} bytes={progress?.bytes ?? 0} />;
    case 'open':
    case 'settling':
      return understanding && choices ? <Sliced until={<Looking found={found} bytes={progress?.bytes ?? 0} />}><ImportForm importing={importing} understanding={understanding} choices={choices} /></Sliced> : null;
    default: return phase satisfies never;
  }
}

/** A form of many fields, rendered the first time in slices between which the page answers: as one task it would hold it up. */
function Sliced({ until, children }: { until: ReactNode; children: ReactNode }) {
  return useDeferredValue(true, false) ? children : until;
}

function Looking({ found, bytes }: { found: number; bytes: number }) {
  const lab = useLab();
  return (
    <div className={styles.start}>
      <div className={styles.looking} role="status">
        <p>{found === 0 ? `Asking the Hub${bytes > 0 ? `, ${inMegabytes(bytes)} read so far` : '…'}` : found > 1 ? `Looking through ${found.toLocaleString('en-GB')} files…` : 'Looking at the file…'}</p>
        <Progress className={styles.bar!} value={100} animated size="sm" aria-label="Looking at the files" />
      </div>
      <div className={styles.foot}><span className={styles.grow} /><Button variant="default" onClick={() => lab.imports.close()}>Cancel</Button></div>
    </div>
  );
}
