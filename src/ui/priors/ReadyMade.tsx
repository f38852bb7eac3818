/** The menu of ready-made priors, with a way to one of the Hub or behind a link. */
import { Button, Menu, Modal, TextInput } from '@mantine/core';
import { IconChevronDown, IconLink } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { inMegabytes } from '../../data/hub/ask.ts';
import { parsePriorAddress } from '../../prior/remote.ts';
import type { Shelved } from '../../prior/shelf.ts';
import { useLab, useSlice } from '../context.ts';
import { sentenceOf } from '../store.ts';
import { shelf } from './opening.ts';
import styles from './priors.module.css';

export function ReadyMade() {
  const lab = useLab();
  const ready = useSlice((state) => state.phase === 'idle' && state.device.state === 'open' && !state.priorBusy);
  const [list, setList] = useState<Shelved[] | string | null>(null);
  const [asking, setAsking] = useState(false);
  const look = () => {
    shelf().then(setList, (error: unknown) => setList(sentenceOf(error)));
  };
  return (
    <>
      <Menu position="bottom-start" width={320} withinPortal onOpen={look}>
        <Menu.Target>
          <Button size="xs" variant="default" disabled={!ready} rightSection={<IconChevronDown size={13} aria-hidden />} title="Priors that come with the lab: straight to the downstream task, without learning the source.">Ready-made</Button>
        </Menu.Target>
        <Menu.Dropdown>
          {Array.isArray(list) ? list.map(({ id, title, about, bytes }) => (
            <Menu.Item key={id} onClick={() => void lab.material.openPrior(id)}>
              <span className={styles.entry}><strong>{title}</strong><span>{about} {inMegabytes(bytes)}.</span></span>
            </Menu.Item>
          )) : <Menu.Label>{list ?? 'Looking…'}</Menu.Label>}
          <Menu.Divider />
          <Menu.Item leftSection={<IconLink size={14} aria-hidden />} onClick={() => setAsking(true)}>From the Hub or a link…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={asking} onClose={() => setAsking(false)} title="A prior from the Hub or a link"><Address onDone={() => setAsking(false)} /></Modal>
    </>
  );
}

function Address({ onDone }: { onDone(): void }) {
  const lab = useLab();
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const open = (event: FormEvent) => {
    event.preventDefault();
    try {
      parsePriorAddress(text);
    } catch (error) {
      setFault(sentenceOf(error));
      return;
    }
    void lab.material.openPrior(text.trim());
    onDone();
  };
  return (
    <form className="stack" onSubmit={open}>
      <TextInput
        data-autofocus label="Model on the Hugging Face Hub, or link" description="OWNER/NAME (its prior.safetensors), OWNER/NAME/FILE.safetensors, or the address of a .safetensors file." placeholder="owner/name"
        value={text} error={fault} onChange={({ currentTarget }) => { setText(currentTarget.value); setFault(null); }}
      />
      <Button type="submit" disabled={text.trim() === ''}>Open</Button>
    </form>
  );
}
