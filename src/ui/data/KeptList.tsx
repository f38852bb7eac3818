/** Data sets kept on this machine: to use, or to remove; and the room they take. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { inMegabytes } from '../../data/hub/ask.ts';
import { useLab, useSlice } from '../context.ts';
import { type Role, sentenceOf } from '../store.ts';
import styles from './hub.module.css';

export function KeptList({ role, onUsed }: { role: Role; onUsed(): void }) {
  const lab = useLab();
  const kept = useSlice((state) => state.kept);
  const room = useSlice((state) => state.room);
  const [fault, setFault] = useState<string | null>(null);
  if (kept.length === 0) return null;
  const told = (work: Promise<void>, done: () => void = () => setFault(null)) => work.then(done, (error: unknown) => setFault(sentenceOf(error)));
  return (
    <div>
      <h4>Kept on this machine</h4>
      <ul className={styles.kept}>
        {kept.map(({ name, count, height, width, channels, bytes, origin, licence }) => (
          <li key={name}>
            <span><strong>{name}</strong> {count.toLocaleString('en-GB')} images, {height}×{width}, {channels === 1 ? 'grey' : 'colour'}; {inMegabytes(bytes)}<small>{[origin, licence].filter((text) => text !== '').join('; ')}</small></span>
            <Button size="xs" variant="default" onClick={() => void told(lab.material.useKept(role, name), onUsed)}>Use</Button>
            <Button size="xs" variant="subtle" onClick={() => void told(lab.material.removeKept(name))} aria-label={`Remove the kept copy of ${name}`}>Remove</Button>
          </li>
        ))}
      </ul>
      {room && <p className={styles.quiet}>This page keeps {inMegabytes(room.used)} in all, of {inMegabytes(room.most)} that the browser allows.</p>}
      {fault && <p className="fault" role="alert">{fault}</p>}
    </div>
  );
}
