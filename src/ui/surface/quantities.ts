/** What a map of the plane may show, each a pure function of the measured losses and the prior's quadratic. */
import type { Plane, SectionPrior } from '../../experiment/result.ts';
import { type ColourScale, fixedDomain, lossDomain, shareDomain, signedDomain } from './colour.ts';
import { type PriorSetting, priorOnPlane } from './objective.ts';
import type { Unit } from './unit.ts';

export const QUANTITIES = ['train-nll', 'test-nll', 'prior', 'objective', 'difference', 'energy', 'train-accuracy', 'test-accuracy'] as const;
export type Quantity = (typeof QUANTITIES)[number];

export interface QuantityWords {
  label: string;
  unit: Unit;
  /** What the map's second line says, before the prior's own words. */
  note: string;
  /** Changes with the controls of the prior. */
  live: boolean;
}

export const QUANTITY_WORDS: Record<Quantity, QuantityWords> = {
  'train-nll': { label: 'Train NLL', unit: 'nats', note: '', live: false },
  'test-nll': { label: 'Test NLL', unit: 'nats', note: 'never used in training', live: false },
  prior: { label: 'Prior term', unit: 'nats', note: '−log prior ÷ N', live: true },
  objective: { label: 'Train NLL + prior', unit: 'nats', note: 'what training minimises', live: true },
  difference: { label: 'Test − train NLL', unit: 'nats', note: 'orange: worse on test', live: false },
  energy: { label: 'Posterior energy', unit: 'nats', note: 'N·(objective − lowest) ÷ T', live: true },
  'train-accuracy': { label: 'Train accuracy', unit: '%', note: '', live: false },
  'test-accuracy': { label: 'Test accuracy', unit: '%', note: '', live: false },
};

/** Nats above the peak of the posterior at which the map of its energy ends: what lies beyond has no mass to speak of. */
const ENERGY_TOP = 50;

/** Values [b][a]; NaN where the network was not finite, or not known yet. Null when it needs a prior and there is none. */
export function fieldOf(plane: Plane, quantity: Quantity, prior: SectionPrior | null, setting: PriorSetting, temperature: number): Float32Array | null {
  switch (quantity) {
    case 'train-nll': return plane.trainNll;
    case 'test-nll': return plane.testNll;
    case 'difference': return plane.testNll.map((value, k) => value - plane.trainNll[k]!);
    case 'train-accuracy': return plane.trainAccuracy;
    case 'test-accuracy': return plane.testAccuracy;
    case 'prior': return prior && priorOnPlane(plane, prior, setting);
    case 'objective': return prior && objectiveOnPlane(plane, prior, setting);
    case 'energy': {
      const energy = prior && objectiveOnPlane(plane, prior, setting);
      if (!energy) return null;
      const low = energy.reduce((least, value) => (value < least ? value : least), Infinity);
      return energy.map((value) => (plane.n * (value - low)) / temperature);
    }
    default: return quantity satisfies never;
  }
}

/** trainNll + prior/N over the plane. */
export function objectiveOnPlane(plane: Plane, prior: SectionPrior, setting: PriorSetting): Float32Array {
  const out = priorOnPlane(plane, prior, setting);
  for (let k = 0; k < out.length; k++) out[k]! += plane.trainNll[k]!;
  return out;
}

/** The colours of a quantity over these maps of it; null while nothing is finite. */
export function scaleFor(quantity: Quantity, maps: readonly ArrayLike<number>[]): ColourScale | null {
  switch (quantity) {
    case 'difference': return signedDomain(maps);
    case 'train-accuracy':
    case 'test-accuracy': return shareDomain(maps);
    case 'energy': return fixedDomain('loss', { low: 0, high: ENERGY_TOP }, maps);
    case 'train-nll':
    case 'test-nll':
    case 'prior':
    case 'objective': return lossDomain(maps);
    default: return quantity satisfies never;
  }
}
