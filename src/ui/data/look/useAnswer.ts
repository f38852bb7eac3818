/** What the worker answers to a question that a view asks when it opens, and again when what it depends on changes. */
import { useEffect, useState } from 'react';
import { sentenceOf } from '../../store.ts';

export type Answer<T> = { state: 'waiting' } | { state: 'done'; value: T } | { state: 'failed'; sentence: string };

/** `key` names the question; a null answer (the work gave way to something newer) leaves it waiting. */
export function useAnswer<T>(key: string, ask: () => Promise<T | null>): Answer<T> {
  const [answer, setAnswer] = useState<{ key: string; answer: Answer<T> } | null>(null);
  useEffect(() => {
    let wanted = true;
    const tell = (told: Answer<T>) => {
      if (wanted) setAnswer({ key, answer: told });
    };
    ask().then((value) => (value === null ? undefined : tell({ state: 'done', value })), (error: unknown) => tell({ state: 'failed', sentence: sentenceOf(error) }));
    return () => {
      wanted = false;
    };
    // The key stands for everything the question depends on.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
  return answer?.key === key ? answer.answer : { state: 'waiting' };
}
