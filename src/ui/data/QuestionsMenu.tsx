/** The menu of pairs of tasks worth a try; what one needs and is not there is said in its place, and can be added from there. */
import { Menu, UnstyledButton } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { GLYPHS, TOY } from '../../experiment/config/config.ts';
import { useLab, useSlice } from '../context.ts';
import { type Question, QUESTIONS } from './questions.ts';
import styles from './import.module.css';

export function QuestionsMenu({ disabled }: { disabled: boolean }) {
  const lab = useLab();
  const added = useSlice((state) => state.datasets);
  const source = useSlice((state) => state.settings.config['source.data']);
  const downstream = useSlice((state) => state.settings.config['downstream.data']);
  const situation = { datasets: added.map(({ summary }) => summary), chosen: { source, downstream } };
  const choose = (question: Question) => {
    const step = question.ask(situation);
    // The toy keeps settings of its own, which fit no images.
    if (step.kind !== 'missing' && source === TOY) lab.chooseData('source', GLYPHS);
    switch (step.kind) {
      case 'settings': return lab.edit(step.edits);
      case 'import':
        lab.edit(step.edits);
        return lab.imports.choose(step.role, true);
      case 'missing': return lab.imports.choose(step.role);
      default: return step satisfies never;
    }
  };
  return (
    <Menu position="bottom-start" width={300} withinPortal>
      <Menu.Target><UnstyledButton className="text-button" disabled={disabled}>Questions to try<IconChevronDown size={13} aria-hidden /></UnstyledButton></Menu.Target>
      <Menu.Dropdown>
        {QUESTIONS.map((question) => {
          const step = question.ask(situation);
          return (
            <Menu.Item key={question.id} onClick={() => choose(question)}>
              <span className={styles.question} data-missing={step.kind === 'missing' || undefined}><strong>{question.title}</strong><span>{step.kind === 'missing' ? step.sentence : question.about}</span></span>
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
