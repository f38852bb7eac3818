/** What was understood of the files, and everything about it that can be corrected before it is used. */
import { Button, NativeSelect, NumberInput, Progress, SegmentedControl, TextInput } from '@mantine/core';
import { inMegabytes } from '../../data/hub/ask.ts';
import type { Choices, Understanding } from '../../data/import/contract.ts';
import { useLab, useSlice } from '../context.ts';
import type { Importing } from '../importing.ts';
import { fitted, keptClasses, memoryWords, otherRole, partWords, sameShape, shapeWords } from './choices.ts';
import { ImportClasses } from './ImportClasses.tsx';
import { Notes } from './Notes.tsx';
import { TileCanvas } from './TileCanvas.tsx';
import styles from './import.module.css';

const MOST_SIDE = 1024;

interface FormProps {
  importing: Importing;
  understanding: Understanding;
  choices: Choices;
}

export function ImportForm({ importing, understanding, choices }: FormProps) {
  const lab = useLab();
  const { role, phase, redrawing, progress, fault } = importing;
  const change = (changed: Partial<Choices>) => lab.imports.change(changed);
  const kept = keptClasses(choices.classNames);
  const unready = choices.name.trim() === '' ? 'The data set needs a name.' : kept < 2 ? 'At least two classes are needed to learn from.'
    : understanding.maps && role === 'source' ? 'Label maps are for downstream data: the source is learned from one label an image. Cancel, and add them there.' : null;
  return (
    <form
      className={styles.form} aria-label="What was understood" onSubmit={(event) => {
        event.preventDefault();
        if (!unready) void lab.imports.use();
      }}
    >
      <div className={styles.understood}>
        <p className={styles.lead}>{understanding.words}</p>
        <Notes notes={understanding.notes} />
      </div>
      <fieldset className={styles.columns} disabled={phase === 'settling'}>
        <div className={styles.choices}>
          {understanding.questions.map(({ id, text, options, default: usual }) => (
            <NativeSelect key={id} size="xs" label={text} data={options} value={choices.answers[id] ?? usual} onChange={(event) => change({ answers: { ...choices.answers, [id]: event.currentTarget.value } })} />
          ))}
          <TextInput size="xs" label="Name" value={choices.name} maxLength={200} autoComplete="off" spellCheck={false} onChange={(event) => change({ name: event.currentTarget.value })} />
          <Size role={role} understanding={understanding} choices={choices} />
          <div className={styles.two}>
            <div>
              <span className={styles.label} id="import-fit">Other shapes</span>
              <SegmentedControl size="xs" fullWidth aria-labelledby="import-fit" value={choices.fit} onChange={(value) => change({ fit: value as Choices['fit'] })} data={[{ value: 'fit', label: 'Fit' }, { value: 'crop', label: 'Crop' }, { value: 'stretch', label: 'Stretch' }]} />
            </div>
            <div>
              <span className={styles.label} id="import-colour">Channels</span>
              <SegmentedControl size="xs" fullWidth aria-labelledby="import-colour" value={String(choices.channels)} onChange={(value) => change({ channels: value === '3' ? 3 : 1 })} data={[{ value: '1', label: 'Grey' }, { value: '3', label: 'Colour' }]} />
            </div>
          </div>
          <NumberInput
            size="xs" label="Images at most" description={understanding.maps ? 'Taken evenly; empty for all.' : 'Taken evenly from the classes; empty for all.'} placeholder={`all ${understanding.count.toLocaleString('en-GB')}`} min={1} allowDecimal={false} allowNegative={false} thousandSeparator=","
            hideControls value={choices.limit === 0 ? '' : choices.limit} onChange={(value) => change({ limit: typeof value === 'number' && value > 0 ? value : 0 })}
          />
        </div>
        <figure className={styles.sample} data-old={redrawing || undefined}>
          <figcaption className={styles.label}>A sample as the network will get it, {understanding.maps ? 'each image above its label map' : 'one row for each class'}</figcaption>
          <div className={styles.sheet} style={{ aspectRatio: `${understanding.sheet.width} / ${understanding.sheet.height}` }}><TileCanvas pixels={understanding.sheet} className="sheet-canvas" /></div>
        </figure>
      </fieldset>
      <ImportClasses understanding={understanding} choices={choices} disabled={phase === 'settling'} />
      <p className={styles.quiet}>
        {partWords(understanding.counts)
          ? `Splits: ${partWords(understanding.counts)!}, kept as they came unless Splits among the downstream settings says random.`
          : 'No training and test folders or files of its own: each seed draws training, validation and test images at random.'}
      </p>
      {(fault ?? unready) && <p className="fault" role="alert">{fault ?? unready}</p>}
      <div className={styles.foot}>
        {phase === 'settling' ? (
          <>
            <div className={styles.grow} role="status">
              <Progress value={progress && progress.total > 0 ? (100 * progress.done) / progress.total : 0} size="sm" aria-label="Images read" />
              <span className={styles.quiet}>{progress ? `${progress.done.toLocaleString('en-GB')} of ${progress.total.toLocaleString('en-GB')} images read${progress.bytes > 0 ? `, ${inMegabytes(progress.bytes)} from the Hub` : ''}` : 'Reading the images…'}</span>
            </div>
            <Button variant="default" onClick={() => void lab.imports.stop()}>Stop</Button>
          </>
        ) : (
          <>
            <span className={`${styles.quiet!} ${styles.grow!}`}>{redrawing ? '…' : `Takes ${memoryWords(understanding.bytes)} of memory.`} Nothing leaves this machine.</span>
            <Button variant="default" onClick={() => lab.imports.close()}>Cancel</Button>
            <Button type="submit" disabled={unready !== null}>Use as {role === 'source' ? 'source' : 'downstream'} data</Button>
          </>
        )}
      </div>
    </form>
  );
}

/** Height and width, what the files have, and the way to what the other role has. */
function Size({ role, understanding: { sizes, channels }, choices }: { role: Importing['role']; understanding: Understanding; choices: Choices }) {
  const lab = useLab();
  const other = useSlice((state) => state.data[otherRole(role)].preview);
  const shape = fitted(other);
  const [smallest, largest] = [sizes.smallest.join('×'), sizes.largest.join('×')];
  const colours = [channels.grey > 0 ? 'grey' : null, channels.colour > 0 ? 'colour' : null, channels.alpha > 0 ? 'with transparency' : null].filter((word) => word !== null).join(', ');
  const side = (key: 'height' | 'width', label: string) => (
    <NumberInput
      size="xs" aria-label={`${label} in pixels`} min={1} max={MOST_SIDE} clampBehavior="strict" allowDecimal={false} hideControls value={choices[key]}
      onChange={(value) => {
        if (typeof value === 'number' && value >= 1) lab.imports.change({ [key]: value });
      }}
    />
  );
  return (
    <div>
      <span className={styles.label}>Height × width, pixels</span>
      <div className={styles.size}>
        {side('height', 'Height')}<span aria-hidden>×</span>{side('width', 'Width')}
        {shape && <Button size="xs" variant="default" disabled={sameShape(shape, choices)} onClick={() => lab.imports.change(shape)}>Match the {otherRole(role)}</Button>}
      </div>
      <p className={styles.quiet}>The files: {sizes.uniform ? smallest : `${smallest} to ${largest}`}, {colours}.</p>
      {shape && shape.channels !== choices.channels && (
        <p className={styles.warning}>The {otherRole(role)} data are {shapeWords(shape)}: one network can read both only with the same channels.</p>
      )}
    </div>
  );
}
