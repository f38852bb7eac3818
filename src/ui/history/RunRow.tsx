/** A run in the list: what it is called, when and on what it was made, what differs from another, its result, and what can be done with it. */
import { ActionIcon, Button, Checkbox, Menu, TextInput } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useState } from 'react';
import type { RunEntry } from '../../storage/runs/entry.ts';
import { useLab, useSlice } from '../context.ts';
import { duration } from '../remaining.ts';
import { deviceWords, momentWords } from '../run/words.ts';
import { changesBetween, changesInWords } from './changes.ts';
import { letter } from './compare.ts';
import { tagsFrom } from './list.ts';
import styles from './history.module.css';

interface RunRowProps {
  run: RunEntry;
  /** The run whose settings it is held against; null for none. */
  against: RunEntry | null;
  chosen: boolean;
  /** Among the chosen. */
  place: number;
  comparing: boolean;
  onChoose(on: boolean): void;
  onOpened(): void;
}

export function RunRow({ run, against, chosen, place, comparing, onChoose, onOpened }: RunRowProps) {
  const lab = useLab();
  const idle = useSlice((state) => state.phase === 'idle');
  const [naming, setNaming] = useState(false);
  const open = async () => {
    if (await lab.history.open(run.id)) onOpened();
  };
  return (
    <li className={styles.run}>
      <Checkbox size="xs" checked={chosen} aria-label={`Compare ${run.name}`} onChange={(event) => onChoose(event.currentTarget.checked)} className={styles.choose!} />
      <div className={styles.about}>
        {naming ? <Naming run={run} onDone={() => setNaming(false)} /> : (
          <p className={styles.name}>
            {comparing && place >= 0 && <span className={styles.letter}>{letter(place)}</span>}
            <strong>{run.name}</strong>
            {run.tags.map((tag) => <span key={tag} className={styles.tag}>{tag}</span>)}
          </p>
        )}
        <p className={styles.facts}>{[momentWords(run.created), `preset ${run.preset}`, `${run.config.seeds} seed${run.config.seeds === 1 ? '' : 's'}`, deviceWords(run.device), duration(run.seconds)].join(' · ')}</p>
        <Differences run={run} against={against} />
        {run.line !== '' && <p className={styles.line}>{run.line}</p>}
      </div>
      <div className={styles.actions}>
        <Button size="xs" variant="default" disabled={!idle} title={idle ? 'Show this run on the page, with its settings' : 'When the run under way has ended'} onClick={() => void open()}>Open</Button>
        <Menu position="bottom-end" withinPortal>
          <Menu.Target><ActionIcon variant="subtle" color="gray" size={30} aria-label={`More for ${run.name}`}><IconDots size={16} aria-hidden /></ActionIcon></Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => setNaming(true)}>Rename and tag</Menu.Item>
            <Menu.Item onClick={() => void lab.history.save(run)}>Save as a zip file</Menu.Item>
            <Menu.Item onClick={() => void lab.history.remove(run)}>Delete</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </li>
  );
}

function Differences({ run, against }: { run: RunEntry; against: RunEntry | null }) {
  if (!against) return null;
  const changes = changesBetween(run.config, against.config);
  const words = changesInWords(changes);
  return (
    <p className={styles.facts} title={changesInWords(changes, Infinity) ?? undefined}>
      {words === null ? `Same settings as “${against.name}” of ${momentWords(against.created)}${run.digest === against.digest ? ', and the same numbers to the last digit' : ', other numbers'}` : `Unlike “${against.name}”: ${words}`}
    </p>
  );
}

function Naming({ run, onDone }: { run: RunEntry; onDone(): void }) {
  const lab = useLab();
  const [name, setName] = useState(run.name);
  const [tags, setTags] = useState(run.tags.join(', '));
  return (
    <form className={styles.naming} onSubmit={(event) => {
      event.preventDefault();
      void lab.history.rename(run.id, name.trim() || run.name, tagsFrom(tags)).then((done) => done && onDone());
    }}>
      <TextInput size="xs" label="Name" value={name} maxLength={200} data-autofocus onChange={(event) => setName(event.currentTarget.value)} />
      <TextInput size="xs" label="Tags, with commas" value={tags} onChange={(event) => setTags(event.currentTarget.value)} />
      <Button size="xs" type="submit">Keep</Button>
      <Button size="xs" variant="default" onClick={onDone}>Cancel</Button>
    </form>
  );
}
