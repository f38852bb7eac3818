/** “What am I looking at?” beside a panel's name. The formula's typesetter is loaded when first opened. */
import { ActionIcon, Popover } from '@mantine/core';
import { IconQuestionMark } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import type { Explanation } from './explanations.ts';

const Formula = lazy(() => import('./Formula.tsx'));

export function Explain({ title, explanation: { sentences, formula, reference } }: { title: string; explanation: Explanation }) {
  return (
    <Popover width={380} position="bottom-end" shadow="md" withArrow trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon variant="default" size={26} radius="xl" aria-label={`What am I looking at? (${title})`} title="What am I looking at?">
          <IconQuestionMark size={14} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className="explain" aria-label={`About ${title}`}>
        <p>{sentences.join(' ')}</p>
        <div className="formula"><Suspense fallback={null}><Formula tex={formula} /></Suspense></div>
        <p className="reference"><a href={reference.url} target="_blank" rel="noreferrer">{reference.text}</a></p>
      </Popover.Dropdown>
    </Popover>
  );
}
