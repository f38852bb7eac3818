/** Held-out images whose label the tuned networks of the last run find least likely: perhaps labelled wrongly, perhaps only hard. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { LabError } from '../../../core/errors.ts';
import type { Suspects } from '../../../experiment/look/suspects.ts';
import { useLab, useSlice } from '../../context.ts';
import { fixed } from '../../charts/format.ts';
import { TileCanvas } from '../TileCanvas.tsx';
import { tileAt } from '../tiles.ts';
import styles from './look.module.css';
import { Told } from './Told.tsx';
import { useAnswer } from './useAnswer.ts';

export function SuspectsView() {
  const finished = useSlice((state) => state.phase === 'idle' && state.picture.result !== null);
  const [asked, setAsked] = useState(0);
  if (!finished) return <p className={styles.waiting}>After a run: images that were held out, and whose label its networks find least likely. Press Run first.</p>;
  if (asked === 0) {
    return (
      <div className={styles.ask}>
        <p className={styles.sentence}>The tuned solutions of the last run, of all arms and seeds, can be asked which held-out images carry a label they do not believe.</p>
        <Button size="xs" onClick={() => setAsked(1)}>Ask the networks</Button>
      </div>
    );
  }
  return <Asked key={asked} turn={asked} again={() => setAsked(asked + 1)} />;
}

function Asked({ turn, again }: { turn: number; again(): void }) {
  const lab = useLab();
  const answer = useAnswer(`suspects ${turn}`, async () => {
    const found = await lab.looking.suspects();
    if (!found) throw new LabError('config', 'The question gave way to other work of the worker, such as a loss map; ask again.');
    return found;
  });
  return (
    <div>
      <Told answer={answer} waiting="The networks look at the held-out images…">{(found) => <Found found={found} />}</Told>
      {answer.state === 'failed' && <Button size="xs" variant="default" onClick={again}>Ask again</Button>}
    </div>
  );
}

function Found({ found: { suspects, strip, judged, networks, classNames } }: { found: Suspects }) {
  if (!strip) return <p className={styles.sentence}>Of {judged.toLocaleString('en-GB')} held-out images, {networks} networks on average name every one as it is labelled.</p>;
  const tile = { width: Math.round((strip.width + 1) / strip.columns) - 1, height: strip.height };
  return (
    <div>
      <p className={styles.sentence}>{suspects.length} of {judged.toLocaleString('en-GB')} held-out images whose label {networks} networks find least likely, the least likely first. Look at each: it may be labelled wrongly, or only be hard.</p>
      <ol className={styles.pairs} aria-label="Suspects">
        {suspects.map(({ row, label, guess, probability, labelProbability, loss, agree, networks: by }, i) => (
          <li key={row} title={`Row ${row} of the downstream data; mean loss ${fixed(loss, 2)} nats`}>
            <TileCanvas pixels={tileAt(strip, tile, 0, i)} className={styles.photo!} />
            <span>labelled {classNames[label]}<small>{fixed(100 * labelProbability, 0)}%, loss {fixed(loss, 1)}</small><b>{agree} of {by} say {classNames[guess]}</b><small>{fixed(100 * probability, 0)}%</small></span>
          </li>
        ))}
      </ol>
      <p className={styles.quiet}>Validation and test images of all seeds, under the networks that did not learn from them; percentages are averages over those networks. The settings' shift is part of what they see.</p>
    </div>
  );
}
