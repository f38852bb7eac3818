/** Below the posterior: what networks drawn from each prior say before any fine-tuning. Computed when it is opened, not before. */
import { Button, Collapse } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { lazy, memo, Suspense, useId, useState } from 'react';
import { useSlice } from '../context.ts';
import { isHere } from '../store.ts';
import { Explain } from '../panels/Explain.tsx';
import { EXPLANATIONS } from '../panels/explanations.ts';
import { Waiting } from '../panels/Panel.tsx';
import styles from './beliefs.module.css';

const BeliefsView = lazy(() => import('./BeliefsView.tsx').then((module) => ({ default: module.BeliefsView })));

const TITLE = 'What does this prior believe?';

export const BeliefsPanel = memo(function BeliefsPanel() {
  const id = useId();
  const [open, setOpen] = useState(false);
  const there = useSlice((state) => state.picture.stages.posterior.state === 'done' && isHere(state));
  const summary = useSlice((state) => state.picture.summary);
  return (
    <section className="panel panel-beliefs" id="beliefs" aria-label={TITLE}>
      <div className={styles.bar}>
        <Button
          variant={open ? 'subtle' : 'default'} size="sm" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}
          leftSection={open ? <IconChevronDown size={16} aria-hidden /> : <IconChevronRight size={16} aria-hidden />}
        >{TITLE}</Button>
        <p>Draws networks from every prior, before any fine-tuning, and asks them about real data; then walks through the prior one direction at a time.</p>
        <Explain title={TITLE} explanation={EXPLANATIONS.beliefs} />
      </div>
      <Collapse expanded={open} id={id}>
        {open && (
          <div className={styles.body}>
            {there && summary
              ? <Suspense fallback={<Waiting height={320}>Opening…</Waiting>}><BeliefsView posterior={summary} /></Suspense>
              : <Waiting height={160}>A table of what each prior’s networks answer, how sure they are and how far they agree, at a λ of your choice. There is no posterior to draw from yet: press Run; the source and its posterior are enough.</Waiting>}
          </div>
        )}
      </Collapse>
    </section>
  );
});
