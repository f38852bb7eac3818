/** The legend of the race: a button an arm; pressed shows it, hover or focus lifts it above the others. */
import { UnstyledButton } from '@mantine/core';
import type { Arm } from '../../prior/prior.ts';
import { ARM_STYLE } from './arms.ts';
import { INK } from './ink.ts';
import { ArmKey } from './marks.tsx';

interface RaceLegendProps {
  arms: readonly Arm[];
  hidden: ReadonlySet<Arm>;
  onToggle: (arm: Arm) => void;
  /** null: none. */
  onLift: (arm: Arm | null) => void;
}

export function RaceLegend({ arms, hidden, onToggle, onLift }: RaceLegendProps) {
  return (
    <div role="group" aria-label="Arms shown" style={{ display: 'flex', flexWrap: 'wrap', gap: '0 4px' }}>
      {arms.map((arm) => {
        const shown = !hidden.has(arm);
        return (
          <UnstyledButton
            key={arm} aria-pressed={shown} title={shown ? 'Hide this arm' : 'Show this arm'} onClick={() => onToggle(arm)}
            onPointerEnter={() => onLift(arm)} onPointerLeave={() => onLift(null)} onFocus={() => onLift(arm)} onBlur={() => onLift(null)}
            style={{ display: 'flex', alignItems: 'center', gap: 6, padding: '3px 6px', borderRadius: 4, fontSize: 12.5, color: shown ? INK.text : INK.muted }}
          >
            <span style={{ opacity: shown ? 1 : 0.3 }}><ArmKey arm={arm} /></span>
            <span data-caption style={{ textDecoration: shown ? 'none' : 'line-through' }}>{ARM_STYLE[arm].label}</span>
          </UnstyledButton>
        );
      })}
    </div>
  );
}
