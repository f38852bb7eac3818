/** The legend of predictors: a button each; pressed shows it in every picture of the panel. */
import { UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import { type Predictor, predictorName } from '../../experiment/inference/inference-result.ts';
import { type Ink, InkKey } from '../surface/CurvePlot.tsx';
import styles from './inference.module.css';
import { predictorLabel } from './predictors.ts';

/** Which predictors the pictures show, and in what ink. */
export interface Shown {
  inks: ReadonlyMap<string, Ink>;
  hidden: ReadonlySet<string>;
  onToggle: (name: string) => void;
}

interface LegendProps {
  predictors: readonly Predictor[];
  shown: Shown;
  /** After the name. */
  told?: (predictor: Predictor) => ReactNode;
}

export function Legend({ predictors, shown: { inks, hidden, onToggle }, told }: LegendProps) {
  return (
    <div role="group" aria-label="Predictors shown" className={styles.legend}>
      {predictors.map((predictor) => {
        const name = predictorName(predictor);
        const ink = inks.get(name);
        const on = !hidden.has(name);
        return ink && (
          <UnstyledButton key={name} aria-pressed={on} title={on ? 'Hide this predictor' : 'Show this predictor'} onClick={() => onToggle(name)}>
            <InkKey ink={ink} />
            <span data-caption>{predictorLabel(predictor)}{told && <i>{told(predictor)}</i>}</span>
          </UnstyledButton>
        );
      })}
    </div>
  );
}
