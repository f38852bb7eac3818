/** Asking the worker what the priors believe: when a wish has stood still for a moment, one at a time, the ladder once a reading. */
import { useEffect, useState } from 'react';
import type { Belief, Reads } from '../../experiment/beliefs/beliefs-result.ts';
import type { Family } from '../../prior/prior.ts';
import type { Believed } from '../../worker/protocol.ts';
import { useLab, useSlice } from '../context.ts';
import { sentenceOf } from '../store.ts';

/** A pause before a wish is sent, ms: λ is dragged. */
const STILL = 250;

export interface Wish {
  reads: Reads;
  scale: number;
  family: Family;
  direction: number;
}

export interface Answers {
  /** The last answer, whatever was wished since. */
  found: Believed | null;
  ladder: { reads: Reads; beliefs: Belief[] } | null;
  busy: boolean;
  /** Why there is no answer to the last wish. */
  fault: string | null;
}

const NONE: Answers = { found: null, ladder: null, busy: false, fault: null };
const DISPLACED = 'Something else was asked of the lab meanwhile; ask again.';

/** `posterior` names what is asked about: answers about another one are forgotten. */
export function useBeliefs({ reads, scale, family, direction }: Wish, posterior: unknown): Answers & { again: () => void } {
  const lab = useLab();
  const idle = useSlice((state) => state.phase === 'idle');
  const [state, setState] = useState<{ of: unknown; answers: Answers }>({ of: posterior, answers: NONE });
  const [tries, setTries] = useState(0);
  const laddered = state.of === posterior ? state.answers.ladder?.reads : undefined;
  useEffect(() => {
    if (!idle) return undefined;
    let wanted = true;
    const change = (answers: Partial<Answers>) => {
      if (wanted) setState((before) => ({ of: posterior, answers: { ...(before.of === posterior ? before.answers : NONE), ...answers } }));
    };
    const ask = async () => {
      change({ busy: true, fault: null });
      try {
        const found = await lab.believe({ reads, scale, family, direction });
        if (found) change({ found });
        const beliefs = found && wanted && laddered !== reads ? await lab.beliefLadder(reads) : null;
        if (beliefs) change({ ladder: { reads, beliefs } });
        change({ busy: false, fault: found && (beliefs || laddered === reads) ? null : DISPLACED });
      } catch (error) {
        change({ busy: false, fault: sentenceOf(error) });
      }
    };
    const timer = setTimeout(() => void ask(), STILL);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
    // The ladder that an answer brings is no new wish.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [lab, idle, reads, scale, family, direction, posterior, tries]);
  const answers = state.of === posterior ? state.answers : NONE;
  return { ...answers, again: () => setTries(tries + 1) };
}
