/** Whether the sampler sampled: the worst diagnostics over seeds of each arm and temperature, each with a plain mark. Pure. */
import { mean } from '../../core/statistics.ts';
import type { ChainDiagnostics, Trace } from '../../experiment/inference/inference-result.ts';
import type { Family } from '../../prior/prior.ts';
import type { CsvValue } from '../../storage/exports.ts';
import { armsOf } from './predictors.ts';

/** `none`: there is no answer to mark. */
export type Mark = 'fine' | 'look' | 'fails' | 'none';

/** Above these R̂ says look, fails; below these the effective sample size does; a kinetic temperature this far off, relatively. */
export const LIMITS = { rhat: [1.05, 1.1], ess: [50, 10], kinetic: [0.1, 0.3] } as const;

export function rhatMark(rhat: number): Mark {
  return Number.isNaN(rhat) ? 'none' : rhat > LIMITS.rhat[1] ? 'fails' : rhat > LIMITS.rhat[0] ? 'look' : 'fine';
}

export function essMark(ess: number): Mark {
  return Number.isNaN(ess) ? 'none' : ess < LIMITS.ess[1] ? 'fails' : ess < LIMITS.ess[0] ? 'look' : 'fine';
}

/** Of kinetic temperature ÷ target. */
export function kineticMark(ratio: number): Mark {
  const off = Math.abs(ratio - 1);
  return Number.isNaN(ratio) ? 'none' : off > LIMITS.kinetic[1] ? 'fails' : off > LIMITS.kinetic[0] ? 'look' : 'fine';
}

/** Half of the chains or more: nothing can be said from the others alone. */
function divergedMark(diverged: number, of: number): Mark {
  return diverged === 0 ? 'fine' : 2 * diverged >= of ? 'fails' : 'look';
}

const SEVERITY: readonly Mark[] = ['none', 'fine', 'look', 'fails'];

export function worst(marks: readonly Mark[]): Mark {
  return marks.reduce<Mark>((most, mark) => (SEVERITY.indexOf(mark) > SEVERITY.indexOf(most) ? mark : most), 'none');
}

/** What scalars of a chain are about. */
export const TRACE_GROUPS = ['log posterior', 'projections', 'predictions'] as const;
export type TraceGroup = (typeof TRACE_GROUPS)[number];

export function groupOf({ name }: Pick<Trace, 'name'>): TraceGroup {
  return name === 'log posterior' ? 'log posterior' : name.startsWith('p(') ? 'predictions' : 'projections';
}

export interface Reading {
  /** The worst over seeds; NaN where there is no answer at all. */
  value: number;
  mark: Mark;
  /** Traces without an answer (draws that are all equal, not finite, or too few). */
  silent: number;
}

export interface ChainRow {
  arm: Family;
  temperature: number;
  groups: Record<TraceGroup, { rhat: Reading; ess: Reading }>;
  kinetic: Reading;
  /** Mean over seeds, 0…1; marked only where samples never differ. */
  disagreement: Reading;
  diverged: { count: number; of: number; mark: Mark };
  /** The worst of its marks. */
  mark: Mark;
}

/** Arms in their order, temperatures from hot to cold. */
export function chainRows(diagnostics: readonly ChainDiagnostics[], chains: number): ChainRow[] {
  return armsOf(diagnostics).flatMap((arm) => temperaturesOf(diagnostics, arm).map((temperature) => {
    const mine = diagnostics.filter((one) => one.arm === arm && one.temperature === temperature);
    return rowOf(arm, temperature, mine, chains);
  }));
}

export function temperaturesOf(diagnostics: readonly ChainDiagnostics[], arm: Family): number[] {
  return [...new Set(diagnostics.filter((one) => one.arm === arm).map(({ temperature }) => temperature))].sort((a, b) => b - a);
}

function rowOf(arm: Family, temperature: number, mine: readonly ChainDiagnostics[], chains: number): ChainRow {
  const told = (group: TraceGroup) => {
    const traces = mine.flatMap((one) => one.traces.filter((trace) => groupOf(trace) === group));
    return { rhat: extreme(traces.map(({ rhat }) => rhat), (a, b) => a > b, rhatMark), ess: extreme(traces.map(({ essBulk }) => essBulk), (a, b) => a < b, essMark) };
  };
  const groups = { 'log posterior': told('log posterior'), projections: told('projections'), predictions: told('predictions') };
  const kinetic = extreme(mine.map((one) => one.kinetic), (a, b) => Math.abs(a - 1) > Math.abs(b - 1), kineticMark);
  // No velocities, or T = 0: nothing to measure is nothing to look at.
  if (Number.isNaN(kinetic.value)) kinetic.mark = 'none';
  const apart = mean(mine.map(({ disagreement }) => disagreement).filter(Number.isFinite));
  const disagreement: Reading = { value: apart, mark: apart === 0 ? 'look' : 'none', silent: 0 };
  const count = mine.reduce((sum, one) => sum + one.diverged, 0);
  const diverged = { count, of: chains * mine.length, mark: divergedMark(count, chains * mine.length) };
  const mark = worst([...Object.values(groups).flatMap(({ rhat, ess }) => [rhat.mark, ess.mark]), kinetic.mark, disagreement.mark, diverged.mark]);
  return { arm, temperature, groups, kinetic, disagreement, diverged, mark };
}

/** A value without an answer is never fine: it makes the reading one to look at. */
function extreme(values: readonly number[], worse: (a: number, b: number) => boolean, markOf: (value: number) => Mark): Reading {
  const told = values.filter((value) => !Number.isNaN(value));
  const value = told.reduce((most, one) => (Number.isNaN(most) || worse(one, most) ? one : most), NaN);
  const silent = values.length - told.length;
  return { value, silent, mark: worst([markOf(value), silent > 0 ? 'look' : 'none']) };
}

/** A line an arm, temperature, seed and scalar. */
export function diagnosticsCsv(diagnostics: readonly ChainDiagnostics[]): CsvValue[][] {
  return [
    ['arm', 'temperature', 'seed', 'scalar', 'rhat', 'ess_bulk', 'kinetic_over_target', 'disagreement', 'diverged_chains'],
    ...diagnostics.flatMap(({ arm, temperature, seed, traces, kinetic, disagreement, diverged }) => traces.map((trace): CsvValue[] => [
      arm, temperature, seed, trace.name, trace.rhat, trace.essBulk, kinetic, disagreement, diverged,
    ])),
  ];
}

/** A line a step and chain of one scalar. */
export function traceCsv({ steps }: ChainDiagnostics, { name, values }: Trace): CsvValue[][] {
  return [['step', 'chain', name], ...values.flatMap((chain, c) => chain.map((value, i): CsvValue[] => [steps[i] ?? null, c + 1, value]))];
}

/** From the lowest to the highest draw, with a little room; null when nothing is finite. */
export function traceDomain({ values }: Trace): { low: number; high: number } | null {
  let [low, high] = [Infinity, -Infinity];
  for (const chain of values) {
    for (const value of chain) {
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) return null;
  const room = 0.06 * (high - low) || 0.05 * Math.abs(high) || 1;
  return { low: low - room, high: high + room };
}
