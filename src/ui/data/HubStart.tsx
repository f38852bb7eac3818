/** Data of the Hugging Face Hub in the import dialog: known small sets by one click, any other by its id or link, and what is kept of them on this machine. */
import { Button, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { HUB, type HubAddress, parseHub, parseHubAddress } from '../../data/hub/address.ts';
import { browserNetwork } from '../../data/hub/ask.ts';
import { chooseSplits, type HubCatalogue, readCatalogue } from '../../data/hub/catalogue.ts';
import { KNOWN, knownSet } from '../../data/hub/known.ts';
import { remember, remembered } from '../../storage/remember.ts';
import { useLab } from '../context.ts';
import { type Role, sentenceOf } from '../store.ts';
import { KeptList } from './KeptList.tsx';
import styles from './hub.module.css';

const HUB_KEY = 'hub address';
const isText = (value: unknown): value is string => typeof value === 'string';

export function HubStart({ role }: { role: Role }) {
  const lab = useLab();
  const [text, setText] = useState('');
  const [typed, setTyped] = useState<string | null>(null);
  const [last, setLast] = useState(HUB);
  // What was typed is asked, whenever the last visit's address comes back from where it is kept.
  const hub = typed ?? last;
  const [address, setAddress] = useState<HubAddress | null>(null);
  const [catalogue, setCatalogue] = useState<HubCatalogue | null>(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => void remembered(HUB_KEY, isText, async () => HUB).then(setLast), []);
  const known = address && knownSet(address.id);

  /** Counts choices: an answer to an older one changes nothing. */
  const turn = useRef(0);
  const choose = (chosen: HubAddress) => {
    turn.current++;
    setBusy(false);
    setAddress(chosen);
    setCatalogue(null);
    setFault(null);
  };
  const lookUp = async (event: FormEvent) => {
    event.preventDefault();
    let own = turn.current;
    try {
      const wanted = parseHubAddress(text);
      choose(wanted);
      own = turn.current;
      setBusy(true);
      const found = await readCatalogue(browserNetwork, parseHub(hub), wanted.id);
      if (own !== turn.current) return;
      const { config } = chooseSplits(found, wanted);
      setCatalogue(found);
      setAddress({ ...wanted, config });
    } catch (error) {
      if (own !== turn.current) return;
      setAddress(null);
      setFault(sentenceOf(error));
    }
    setBusy(false);
  };
  const read = () => {
    if (!address) return;
    try {
      void lab.imports.takeFromHub(role, { hub: parseHub(hub), address });
    } catch (error) {
      setFault(sentenceOf(error));
    }
  };
  const config = catalogue?.configs.find(({ name }) => name === address?.config);
  return (
    <section className={styles.hub} aria-labelledby={`hub-${role}`}>
      <h3 id={`hub-${role}`}>From the Hugging Face Hub</h3>
      <div className={styles.known} role="group" aria-label="Known small sets">
        {KNOWN.map((set) => <button key={set.name} type="button" className={styles.chip} aria-pressed={address?.id === set.address.id} onClick={() => choose(set.address)}>{set.name}</button>)}
      </div>
      <form className={styles.look} onSubmit={(event) => void lookUp(event)}>
        <TextInput className={styles.grow!} size="xs" label="Any other image set" placeholder="owner/name, or a link to its page" value={text} autoComplete="off" spellCheck={false} onChange={(event) => setText(event.currentTarget.value)} />
        <Button type="submit" size="xs" variant="default" loading={busy} disabled={text.trim() === ''}>Look it up</Button>
        <TextInput
          className={styles.address!} size="xs" label="Hub address" value={hub} autoComplete="off" spellCheck={false} onChange={(event) => setTyped(event.currentTarget.value)}
          onBlur={() => typed !== null && void remember(HUB_KEY, typed.trim() === '' ? HUB : typed.trim())}
        />
      </form>
      {fault && <p className="fault" role="alert">{fault}</p>}
      {address && (known || catalogue) && (
        <div className={styles.card} role="status">
          <p><strong>{known?.name ?? address.id}</strong>{known && <>: {known.words}. <span className={styles.quiet}>{address.id}</span></>}</p>
          <p>Licence: {known?.licence ?? (catalogue?.licence || 'not stated on its page; look there before you use it')}.{known && <span className={styles.quiet}> Cite {known.citation}.</span>}</p>
          <div className={styles.look}>
            {catalogue && catalogue.configs.length > 1 && (
              <NativeSelect size="xs" label="Config" value={address.config ?? ''} data={catalogue.configs.map(({ name }) => name)} onChange={(event) => setAddress({ ...address, config: event.currentTarget.value, splits: [] })} />
            )}
            {config && config.splits.length > 1 && (
              <NativeSelect
                size="xs" label="Splits" value={address.splits.join(',')} onChange={(event) => setAddress({ ...address, splits: event.currentTarget.value === '' ? [] : event.currentTarget.value.split(',') })}
                data={[{ value: '', label: config.splits.filter(({ part }) => part !== null).map(({ name }) => name).join(', ') || config.splits[0]!.name }, ...config.splits.map(({ name }) => ({ value: name, label: `${name} only` }))]}
              />
            )}
            <NumberInput
              size="xs" label="Rows at most" placeholder="all" min={1} allowDecimal={false} allowNegative={false} thousandSeparator="," hideControls value={address.rows === 0 ? '' : address.rows}
              onChange={(value) => setAddress({ ...address, rows: typeof value === 'number' && value > 0 ? value : 0 })}
            />
            <Button size="xs" onClick={read}>Read {known?.name ?? address.id}</Button>
          </div>
          <p className={styles.quiet}>Read from {hub.replace(/^https?:\/\//, '')} and, once used, kept on this machine for visits without a network. The Hub learns which set is asked for, and nothing else.</p>
        </div>
      )}
      <KeptList role={role} onUsed={() => lab.imports.close()} />
    </section>
  );
}
