/** Of the toy, after a run: the decision boundary of an arm's tuned solution, or those of samples of its posterior, when asked for. */
import { Button, Select, Text } from '@mantine/core';
import { memo, useId, useState } from 'react';
import { onToy } from '../../experiment/config/config.ts';
import type { Fields } from '../../experiment/beliefs/fields.ts';
import type { Result } from '../../experiment/result.ts';
import { type Arm, isFamily } from '../../prior/prior.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { INK } from '../charts/ink.ts';
import { useLab, useSlice } from '../context.ts';
import { Heading, Pick } from '../inference/choosers.tsx';
import { sentenceOf } from '../store.ts';
import { PlaneMaps } from './PlaneFigure.tsx';
import styles from './beliefs.module.css';

type State = { at: 'rest' } | { at: 'work' } | { at: 'done'; fields: Fields; words: string } | { at: 'fault'; sentence: string };
type What = 'solution' | 'samples';
const WHAT: Record<What, string> = { solution: 'tuned solution', samples: 'samples' };

export const SolutionPlane = memo(function SolutionPlane() {
  const result = useSlice((state) => state.picture.result);
  return result && onToy(result.config) ? <Planes key={result.created} result={result} /> : null;
});

function Planes({ result }: { result: Result }) {
  const lab = useLab();
  const id = useId();
  const idle = useSlice((state) => state.phase === 'idle');
  const { arms, seed: firstSeed } = result.config;
  const [arm, setArm] = useState<Arm>(arms.includes('low-rank') ? 'low-rank' : arms[0]!);
  const [wanted, setWanted] = useState<What>('solution');
  const [seed, setSeed] = useState(firstSeed);
  const [state, setState] = useState<State>({ at: 'rest' });
  const what = isFamily(arm) ? wanted : 'solution';
  const draw = async () => {
    setState((before) => (before.at === 'done' ? before : { at: 'work' }));
    try {
      const fields = await lab.fields(what === 'samples' && isFamily(arm) ? { kind: 'samples', family: arm } : { kind: 'solution', arm }, seed);
      setState(fields ? { at: 'done', fields, words: `${ARM_STYLE[arm].label}, ${WHAT[what]}, seed ${seed}` } : { at: 'rest' });
    } catch (error) {
      setState({ at: 'fault', sentence: sentenceOf(error) });
    }
  };
  return (
    <section aria-labelledby={id} className={styles.solutions}>
      <Heading id={id} title="Decision boundaries over the plane">
        <Pick quiet label="Arm over the plane" value={arm} options={arms} text={(one) => ARM_STYLE[one].label} onPick={setArm} />
        <Pick quiet label="Networks over the plane" value={what} options={isFamily(arm) ? ['solution', 'samples'] : ['solution']} text={(one) => WHAT[one]} onPick={setWanted} />
        <Select
          size="xs" w={92} aria-label="Seed over the plane" allowDeselect={false} value={String(seed)} data={result.downstream.seeds.map((one) => ({ value: String(one), label: `seed ${one}` }))}
          onChange={(value) => { if (value !== null) setSeed(Number(value)); }}
        />
        <Button size="xs" variant="default" disabled={!idle} loading={state.at === 'work'} onClick={() => void draw()}>Draw</Button>
      </Heading>
      <div aria-live="polite" className={styles.solutionPlace}>
        {state.at === 'rest' && <Text size="sm" c={INK.muted}>The class probabilities that an arm’s solution gives every place of the plane, or those of samples of its posterior and their mean, drawn by the sampler as it is set above.</Text>}
        {state.at === 'work' && <Text size="sm" c={INK.muted}>Asking the networks…</Text>}
        {state.at === 'fault' && <Text size="sm" role="alert" style={{ color: INK.worse }}>{state.sentence}</Text>}
        {state.at === 'done' && (
          <>
            <Text size="sm" fw={550} mb={6}>{state.words}</Text>
            <PlaneMaps fields={state.fields} note={state.fields.count > 1 ? 'drawn from the posterior' : 'at its tuned λ or learning rate'} busy={false} />
          </>
        )}
      </div>
    </section>
  );
}
