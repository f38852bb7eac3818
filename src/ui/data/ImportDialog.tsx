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
  const { phase, role, fault, understanding, choices } = importing;
  switch (phase) {
    case 'choosing': return <ImportStart role={role} fault={fault} />;
    case 'examining': return <Looking importing={importing} />;
    case 'open':
    case 'settling':
      return understanding && choices ? <Sliced until={<Looking importing={importing} />}><ImportForm importing={importing} understanding={understanding} choices={choices} /></Sliced> : null;
    default: return phase satisfies never;
  }
}

/** A form of many fields, rendered the first time in slices between which the page answers: as one task it would hold it up. */
function Sliced({ until, children }: { until: ReactNode; children: ReactNode }) {
  return useDeferredValue(true, false) ? children : until;
}

/** What is being done until there is something to show. */
function lookingWords({ from, found, progress }: Importing): string {
  const bytes = progress?.bytes ?? 0;
  if (from === 'hub') return `Asking the Hub${bytes > 0 ? `, ${inMegabytes(bytes)} read so far` : '…'}`;
  return found > 1 ? `Looking through ${found.toLocaleString('en-GB')} files…` : 'Looking at the files…';
}

function Looking({ importing }: { importing: Importing }) {
  const lab = useLab();
  return (
    <div className={styles.start}>
      <div className={styles.looking} role="status">
        <p>{lookingWords(importing)}</p>
        <Progress className={styles.bar!} value={100} animated size="sm" aria-label="Looking at the files" />
      </div>
      <div className={styles.foot}><span className={styles.grow} /><Button variant="default" onClick={() => lab.imports.close()}>Cancel</Button></div>
    </div>
  );
}
