/** The check button: the sampler as it is set draws from a prior whose answer is known, and what it recovers stands beside the truth. */
import { Button, Text } from '@mantine/core';
import { memo, useId, useState } from 'react';
import type { Inference } from '../../experiment/inference/inference-result.ts';
import { isSettled, isSound, type SamplerCheck } from '../../experiment/inference/sampler-check.ts';
import type { Family } from '../../prior/prior.ts';
import type { CsvValue } from '../../storage/exports.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { reading, settingText, signedFixed } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import { useLab, useSlice } from '../context.ts';
import { sentenceOf } from '../store.ts';
import { armText, CsvButton, Heading, Pick } from './choosers.tsx';
import '../charts/table.css';
import styles from './inference.module.css';
import { MarkWord } from './Marked.tsx';
import { armsOf, openingArm } from './predictors.ts';

type State = { at: 'rest' } | { at: 'work' } | { at: 'done'; check: SamplerCheck } | { at: 'fault'; sentence: string };

export const SamplerCheckView = memo(function SamplerCheckView({ inference }: { inference: Inference }) {
  const lab = useLab();
  const id = useId();
  const free = useSlice((state) => state.phase === 'idle' && state.picture.result !== null);
  const progress = useSlice((state) => state.picture.cutting);
  const [state, setState] = useState<State>({ at: 'rest' });
  const arms = armsOf(inference.predictions);
  const temperatures = [...new Set(inference.diagnostics.map(({ temperature }) => temperature))].filter((temperature) => temperature > 0);
  const [arm, setArm] = useState<Family | null>(null);
  const [temperature, setTemperature] = useState<number | null>(null);
  const [family, at] = [arm !== null && arms.includes(arm) ? arm : openingArm(arms), temperature !== null && temperatures.includes(temperature) ? temperature : temperatures[0]];
  if (family === null || at === undefined) return null;
  const check = async () => {
    setState({ at: 'work' });
    try {
      const found = await lab.checkSampler(family, at);
      setState(found ? { at: 'done', check: found } : { at: 'rest' });
    } catch (error) {
      setState({ at: 'fault', sentence: sentenceOf(error) });
    }
  };
  return (
    <section aria-labelledby={id}>
      <Heading id={id} title="Does the sampler find what is known?">
        <Pick quiet label="Prior" value={family} options={arms} text={armText} onPick={setArm} />
        <Pick quiet label="Temperature" value={String(at)} options={temperatures.map(String)} text={(one) => `T = ${settingText(Number(one))}`} onPick={(one) => setTemperature(Number(one))} />
        <Button size="xs" variant="default" disabled={!free || state.at === 'work'} loading={state.at === 'work'} onClick={() => void check()}>Check the sampler</Button>
        {state.at === 'done' && <CsvButton label="sampler check" name="sampler-check" rows={() => checkCsv(state.check)} />}
      </Heading>
      <div aria-live="polite">
        {state.at === 'rest' && <Text size="sm" c={INK.muted}>Draws from the prior itself, N(mean, T·Σ) at its tuned λ, by the same code with the likelihood silenced, and holds means and standard deviations to the exact ones. It takes a few seconds.</Text>}
        {state.at === 'work' && <Text size="sm" c={INK.muted}>{progress?.label ?? 'Checking the sampler'}</Text>}
        {state.at === 'fault' && <Text size="sm" role="alert" style={{ color: INK.worse }}>{state.sentence}</Text>}
        {state.at === 'done' && <Recovered check={state.check} />}
      </div>
    </section>
  );
});

function Recovered({ check }: { check: SamplerCheck }) {
  const { family, scale, temperature, chains, steps, diverged, directions } = check;
  const verdict = diverged > 0 ? `${diverged} of ${chains} chains diverged: lower the step size η or use the preconditioner.`
    : !isSound(check) ? 'Not every direction is recovered: give the chains more steps, or lower the step size.'
    : directions.every(isSettled) ? 'Every standard deviation and mean is recovered.'
    : `Nothing speaks against the sampler, but along ${directions.filter((one) => !isSettled(one)).length} of ${directions.length} directions the chains have not mixed, so little is proved there: give them more steps.`;
  return (
    <>
      <p className={styles.note}>{ARM_STYLE[family].label} prior at λ = {settingText(scale)}, T = {settingText(temperature)}: {chains} chains of {steps.toLocaleString('en-GB')} steps. {verdict}</p>
      <div className="number-scroll" tabIndex={0} role="region" aria-label="Recovered against true moments">
        <table className={`number-table ${styles.table} ${styles.dense}`}>
          <thead>
            <tr>
              <th scope="col" className={styles.arm}>Along</th><th scope="col">True σ<small>parameter units</small></th><th scope="col">Found σ<small>± standard error</small></th><th scope="col">Found ÷ true</th>
              <th scope="col">Mean, off by<small>in true σ</small></th><th scope="col">R̂</th><th scope="col">Effective samples</th><th scope="col">Mark</th>
            </tr>
          </thead>
          <tbody>
            {directions.map((one) => {
              const { name, exact, found, error, offset, rhat, ess } = one;
              const mark = !isSound({ ...check, directions: [one] }) ? 'fails' : isSettled(one) ? 'fine' : 'look';
              return (
                <tr key={name}>
                  <th scope="row" className={styles.arm}>{name}</th><td>{reading(exact)}</td><td>{reading(found)} ± {reading(error)}</td><td>{reading(found / exact)}</td>
                  <td>{signedFixed(offset / exact, 2)}</td><td>{reading(rhat)}</td><td>{Number.isFinite(ess) ? Math.round(ess) : '–'}</td><td className={styles.center}><MarkWord mark={mark} /></td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p className={styles.note}>Fine: within four standard errors, and 5% for what a finite step is known to add; look: the same, but R̂ is above 1.1. A loose prior has directions that a chain crosses slowly when nothing but the prior pulls; few effective samples there say nothing against the sampler.</p>
    </>
  );
}

function checkCsv({ family, scale, temperature, method, steps, chains, directions }: SamplerCheck): CsvValue[][] {
  return [
    ['prior', 'scale', 'temperature', 'method', 'steps', 'chains', 'direction', 'true_sd', 'found_sd', 'found_sd_error', 'mean_offset', 'mean_offset_error', 'rhat', 'ess'],
    ...directions.map((one): CsvValue[] => [family, scale, temperature, method, steps, chains, one.name, one.exact, one.found, one.error, one.offset, one.offsetError, one.rhat, one.ess]),
  ];
}
