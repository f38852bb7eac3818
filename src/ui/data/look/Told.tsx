/** An answer in its three states: on the way, there, or why there is none. */
import { Loader } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Answer } from './useAnswer.ts';
import styles from './look.module.css';

export function Told<T>({ answer, waiting, children }: { answer: Answer<T>; waiting: string; children(value: T): ReactNode }) {
  switch (answer.state) {
    case 'waiting': return <p className={styles.waiting} role="status"><Loader size="xs" aria-hidden />{waiting}</p>;
    case 'failed': return <p className="fault" role="alert">{answer.sentence}</p>;
    case 'done': return children(answer.value);
    default: return answer satisfies never;
  }
}
