/** The trace of one scalar of the chains: a line a chain over the steps at which samples were taken. */
import { useElementSize } from '@mantine/hooks';
import { memo, useMemo, useState } from 'react';
import type { ChainDiagnostics } from '../../experiment/inference/inference-result.ts';
import type { Family } from '../../prior/prior.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { Figure } from '../charts/Figure.tsx';
import { fixed, settingText } from '../charts/format.ts';
import { CurvePlot, type PlotCurve } from '../surface/CurvePlot.tsx';
import { essMark, rhatMark, temperaturesOf, traceCsv, traceDomain } from './chains.ts';
import { armText, Pick } from './choosers.tsx';
import styles from './inference.module.css';
import { MarkWord } from './Marked.tsx';
import { armsOf, openingArm } from './predictors.ts';

const HEIGHT = 280;

/** A chain has no meaning of its own: hues that only tell neighbours apart, dashed from the ninth on. */
const HUES = ['light-dark(#0063a6, #5fb0ef)', 'light-dark(#c2264b, #ff8095)', 'light-dark(#00805d, #18b88a)', 'light-dark(#8a3ffc, #be95ff)', 'light-dark(#b07800, #e9ad1f)', 'light-dark(#0e7c8c, #3fd0dd)', 'light-dark(#6b5b4a, #c9b8a4)', 'light-dark(#b8558f, #dd8fbb)'];

interface Choice {
  arm: Family | null;
  temperature: string | null;
  seed: string | null;
  name: string | null;
}

/** At least one entry. */
export const TraceFigure = memo(function TraceFigure({ diagnostics }: { diagnostics: readonly ChainDiagnostics[] }) {
  const [choice, setChoice] = useState<Choice>({ arm: null, temperature: null, seed: null, name: null });
  const arms = useMemo(() => armsOf(diagnostics), [diagnostics]);
  const arm = choice.arm !== null && arms.includes(choice.arm) ? choice.arm : openingArm(arms);
  if (arm === null) return null;
  const temperatures = temperaturesOf(diagnostics, arm).map(String);
  const temperature = among(choice.temperature, temperatures);
  const there = diagnostics.filter((one) => one.arm === arm && String(one.temperature) === temperature);
  const seeds = there.map((one) => String(one.seed));
  const seed = among(choice.seed, seeds);
  const one = there.find((diagnostic) => String(diagnostic.seed) === seed);
  const names = one?.traces.map((trace) => trace.name) ?? [];
  const name = among(choice.name, names);
  const choose = (change: Partial<Choice>) => setChoice({ ...choice, ...change });
  return (
    <div>
      <div className={styles.choices} role="group" aria-label="Trace shown">
        <Pick label="Arm" value={arm} options={arms} text={armText} onPick={(next) => choose({ arm: next })} />
        <Pick label="Temperature" value={temperature} options={temperatures} text={(option) => `T = ${settingText(Number(option))}`} onPick={(next) => choose({ temperature: next })} />
        <Pick label="Seed" value={seed} options={seeds} text={(option) => option} onPick={(next) => choose({ seed: next })} />
        <Pick label="Quantity" value={name} options={names} text={(option) => option} onPick={(next) => choose({ name: next })} />
      </div>
      {one && <Trace one={one} name={name} />}
    </div>
  );
});

/** What was chosen while it is still there, the first of what is there otherwise. */
function among(wanted: string | null, options: readonly string[]): string {
  return wanted !== null && options.includes(wanted) ? wanted : (options[0] ?? '');
}

function Trace({ one, name }: { one: ChainDiagnostics; name: string }) {
  const { ref, width } = useElementSize();
  const trace = one.traces.find((candidate) => candidate.name === name);
  const curves = useMemo(() => trace?.values.map((y, c): PlotCurve => ({
    key: String(c), label: `Chain ${c + 1}`, ink: { colour: HUES[c % HUES.length]!, dash: c < HUES.length ? '' : '4 2', weight: 1.3, opacity: 0.9 }, y: one.steps.map((_, i) => y[i] ?? NaN), band: null,
  })) ?? [], [trace, one]);
  const domain = useMemo(() => trace && traceDomain(trace), [trace]);
  if (!trace) return null;
  const title = `Trace of ${name}: ${ARM_STYLE[one.arm].label}, T = ${settingText(one.temperature)}, seed ${one.seed}`;
  return (
    <Figure title={title} name={`trace-${one.arm}-T${one.temperature}-seed${one.seed}`} csv={() => traceCsv(one, trace)}>
      <div ref={ref} style={{ height: HEIGHT }}>
        {width > 0 && (domain && one.steps.length > 1
          ? <CurvePlot x={one.steps} curves={curves} domain={{ ...domain, clipped: false }} width={width} height={HEIGHT} top={8} label={title} xTitle="Step" yTitle={name.length > 34 ? 'Value' : name} place={(step) => `step ${step}`} />
          : <div className={styles.absent} style={{ height: '100%' }}>{domain ? 'A single sample: there is no trace to draw.' : 'No draw of this scalar is finite: the chains diverged.'}</div>)}
      </div>
      <p className={styles.note}>
        <span data-caption>R̂ {trace.rhat === Infinity ? '∞' : fixed(trace.rhat, 3)}</span> <span data-transient><MarkWord mark={rhatMark(trace.rhat)} /></span> &ensp;<span data-caption>bulk ESS {fixed(trace.essBulk, 0)} of {trace.values.reduce((sum, chain) => sum + chain.length, 0)} draws</span> <span data-transient><MarkWord mark={essMark(trace.essBulk)} /></span>
        &ensp;Chains that sample the same posterior overlap; one that drifts or stays apart has not converged.
      </p>
    </Figure>
  );
}
