/** The views of a data set in the data dialog, beside its samples: each is asked of the worker when it is opened. */
import { Tabs } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useLab, useSlice } from '../../context.ts';
import { asked, basisOf, type Role } from '../../store.ts';
import { AllImages } from './AllImages.tsx';
import { ClassesView } from './ClassesView.tsx';
import { DuplicatesView } from './DuplicatesView.tsx';
import styles from './look.module.css';
import { ShiftView } from './ShiftView.tsx';
import { SuspectsView } from './SuspectsView.tsx';
import { Told } from './Told.tsx';
import { useAnswer } from './useAnswer.ts';

const VIEWS = { samples: 'Samples', all: 'All images', classes: 'Classes', duplicates: 'Near-duplicates', shift: 'Source and downstream', suspects: 'Label suspects' } as const;
type View = keyof typeof VIEWS;

/** `samples`: what the first tab shows. `mapped`: with label maps, of which an image has no class. */
export function LookTabs({ role, mapped, samples }: { role: Role; mapped: boolean; samples: ReactNode }) {
  const [view, setView] = useState<View>('samples');
  const views = (Object.keys(VIEWS) as View[]).filter((one) => (one !== 'suspects' || role === 'downstream') && !(mapped && (one === 'classes' || one === 'suspects')));
  return (
    <Tabs value={view} onChange={(value) => setView(views.find((one) => one === value) ?? 'samples')} keepMounted={false} className={styles.tabs!}>
      <Tabs.List aria-label="Views of the data">{views.map((one) => <Tabs.Tab key={one} value={one}>{VIEWS[one]}</Tabs.Tab>)}</Tabs.List>
      <Tabs.Panel value="samples" className={styles.panel!}>{samples}</Tabs.Panel>
      {views.filter((one) => one !== 'samples').map((one) => <Tabs.Panel key={one} value={one} className={styles.panel!}>{one === 'suspects' ? <SuspectsView /> : <Looked role={role} view={one} />}</Tabs.Panel>)}
    </Tabs>
  );
}

function Looked({ role, view }: { role: Role; view: View }) {
  const lab = useLab();
  // What the worker's answer depends on, and nothing that changes while a run goes on.
  const identity = useSlice((state) => JSON.stringify([asked(state), basisOf(state).data, state.worker]));
  const answer = useAnswer(`${role} ${identity}`, () => lab.looking.look(role));
  return (
    <Told answer={answer} waiting="Looking at the data…">
      {(look) => {
        switch (view) {
          case 'all': return <AllImages role={role} look={look} identity={`${role} ${identity}`} />;
          case 'classes': return <ClassesView look={look} />;
          case 'duplicates': return <DuplicatesView role={role} identity={`${role} ${identity}`} tile={look} />;
          case 'shift': return <ShiftView look={look} />;
          default: return null;
        }
      }}
    </Told>
  );
}
