/** Classes of an import: how many images each has, under which name, and whether it is used at all. */
import { Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import { classColour } from '../../data/class-colours.ts';
import type { Choices, Understanding } from '../../data/import/contract.ts';
import { useLab } from '../context.ts';
import styles from './import.module.css';

/** "12%", "0.3%", "<0.1%". */
const percent = (share: number): string => (share < 0.001 ? '<0.1%' : `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}%`);

/** So many are listed at first: more are seldom gone through by hand. */
const FIRST = 60;

export function ImportClasses({ understanding: { classNames, counts, maps }, choices, disabled }: { understanding: Understanding; choices: Choices; disabled: boolean }) {
  const lab = useLab();
  const [all, setAll] = useState(false);
  const name = (i: number, value: string) => lab.imports.change({ classNames: choices.classNames.map((one, j) => (i === j ? value : one)) });
  const shown = all ? classNames : classNames.slice(0, FIRST);
  return (
    <fieldset className={styles.classes} disabled={disabled}>
      <legend className={styles.label}>{classNames.length.toLocaleString('en-GB')} classes{maps ? ' of pixels: rename them, or leave some out, whose pixels then count for nothing (void)' : ': rename them, or leave some out'}</legend>
      <div className={styles.classList}>
        {shown.map((given, i) => {
          const kept = choices.classNames[i] !== '';
          return (
            <div key={i} className={styles.class} data-out={!kept || undefined}>
              {maps && <span className={styles.swatch} style={{ background: `rgb(${classColour(i, choices.classNames, maps.colours).join(' ')})` }} aria-hidden />}
              <Checkbox size="xs" checked={kept} aria-label={`Use class ${given}`} onChange={(event) => name(i, event.currentTarget.checked ? given : '')} />
              <TextInput size="xs" title={given} disabled={!kept} value={kept ? choices.classNames[i] ?? given : given} aria-label={`Name of class ${given}`} onChange={(event) => name(i, event.currentTarget.value || ' ')} />
              <span title={maps ? 'Share of the pixels looked at' : undefined}>{maps ? percent(maps.shares[i]!) : (counts.byClass[i] ?? 0).toLocaleString('en-GB')}</span>
            </div>
          );
        })}
        {classNames.length > shown.length && <button type="button" className="text-button" onClick={() => setAll(true)}>Show {(classNames.length - shown.length).toLocaleString('en-GB')} more</button>}
      </div>
    </fieldset>
  );
}
