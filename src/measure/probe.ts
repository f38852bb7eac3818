/**
 * The linear probe: multinomial logistic regression on features that were standardised on the rows it is fitted to, which
 * says how much of the classes a linear head could read (Alain & Bengio 2016). Over weights W [C, F] and biases b [C] it minimises
 *   (1/N)·Σ −log softmax(W x + b)[label] + (penalty/2)·‖W‖²
 * in float64 by L-BFGS; the biases are not penalised. The penalty is the one of a descending ladder with the lowest NLL on
 * rows of its own; each rung starts from the solution of the one before.
 */
import { minimise, type Objective } from '../core/lbfgs.ts';
import { softmaxInto } from '../core/softmax.ts';
import { argmax, logSoftmax } from './metrics.ts';

export interface Labelled {
  /** [N, F] */
  features: ArrayLike<number>;
  /** [N] */
  labels: ArrayLike<number>;
}

export interface Probe {
  /** Of the ladder, and whether it is its first or last rung. */
  penalty: number;
  edge: 'low' | 'high' | null;
  /** W [C, F] then b [C], of standardised features. */
  weights: Float64Array;
  /** The answer to each row of other features [N, F]. */
  answer(features: ArrayLike<number>): Uint16Array;
}

/** In NLL per row: from a probe that hardly moves to one that is hardly held. */
export const PENALTIES = [1, 0.1, 0.01, 1e-3, 1e-4] as const;

const TOLERANCE = 1e-4;
const MOST_ITERATIONS = 300;

/** Yields after each iteration of the minimiser. `dimensions` F, `classes` C. */
export function* fitProbe(fitted: Labelled, chosenOn: Labelled, dimensions: number, classes: number): Generator<void, Probe> {
  const standard = standardiser(fitted.features, dimensions);
  const rows = { features: standard(fitted.features), labels: fitted.labels };
  const held = { features: standard(chosenOn.features), labels: chosenOn.labels };
  const x = new Float64Array(classes * (dimensions + 1));
  let best = { rung: 0, nll: Infinity, weights: x.slice() };
  for (const [rung, penalty] of PENALTIES.entries()) {
    yield* minimise(probeObjective(rows, dimensions, classes, penalty), x, { tolerance: TOLERANCE, iterations: MOST_ITERATIONS });
    const nll = meanNll(held, x, dimensions, classes);
    // The held-out loss falls and then rises along the ladder: weaker rungs, which are slow to solve, would not be chosen.
    if (!(nll < best.nll)) break;
    best = { rung, nll, weights: x.slice() };
  }
  const { rung, weights } = best;
  return {
    penalty: PENALTIES[rung]!, edge: rung === 0 ? 'high' : rung === PENALTIES.length - 1 ? 'low' : null, weights,
    answer: (features) => {
      const logits = logitsOf(standard(features), weights, dimensions, classes);
      return Uint16Array.from({ length: logits.length / classes }, (_, r) => argmax(logits, r * classes, classes));
    },
  };
}

/** The penalised loss of standardised rows and its gradient. */
export function probeObjective({ features: given, labels }: Labelled, dimensions: number, classes: number, penalty: number): Objective {
  const features = Float64Array.from(given);
  const n = labels.length;
  const logits = new Float64Array(classes);
  const probabilities = new Float64Array(classes);
  const biases = classes * dimensions;
  return (x, gradient) => {
    let loss = 0;
    gradient.fill(0);
    for (let r = 0; r < n; r++) {
      const row = r * dimensions;
      logitsInto(features, row, x, dimensions, logits);
      softmaxInto(logits, 0, probabilities);
      loss -= logSoftmax(logits, 0, classes, labels[r]!);
      probabilities[labels[r]!]! -= 1;
      for (let c = 0; c < classes; c++) {
        const pull = probabilities[c]! / n;
        const at = c * dimensions;
        gradient[biases + c]! += pull;
        for (let f = 0; f < dimensions; f++) gradient[at + f]! += pull * features[row + f]!;
      }
    }
    let squares = 0;
    for (let j = 0; j < biases; j++) {
      squares += x[j]! * x[j]!;
      gradient[j]! += penalty * x[j]!;
    }
    return loss / n + (penalty / 2) * squares;
  };
}

/** Subtracts the mean and divides by the standard deviation of each feature of `fitted` [N, F]; one that never varies becomes 0. */
export function standardiser(fitted: ArrayLike<number>, dimensions: number): (features: ArrayLike<number>) => Float64Array {
  const n = fitted.length / dimensions;
  const mean = new Float64Array(dimensions);
  const scale = new Float64Array(dimensions);
  for (let i = 0; i < fitted.length; i++) mean[i % dimensions]! += fitted[i]! / n;
  for (let i = 0; i < fitted.length; i++) scale[i % dimensions]! += (fitted[i]! - mean[i % dimensions]!) ** 2 / n;
  // Rounding of float32 features is no variation.
  for (let f = 0; f < dimensions; f++) scale[f] = scale[f]! > 1e-12 * Math.max(1e-12, mean[f]! ** 2) ? 1 / Math.sqrt(scale[f]!) : 0;
  return (features) => Float64Array.from(features, (value, i) => (value - mean[i % dimensions]!) * scale[i % dimensions]!);
}

function logitsInto(features: Float64Array, row: number, x: Float64Array, dimensions: number, out: Float64Array): void {
  for (let c = 0; c < out.length; c++) {
    const at = c * dimensions;
    let sum = x[out.length * dimensions + c]!;
    for (let f = 0; f < dimensions; f++) sum += x[at + f]! * features[row + f]!;
    out[c] = sum;
  }
}

/** [N, C] */
function logitsOf(features: Float64Array, x: Float64Array, dimensions: number, classes: number): Float64Array {
  const rows = features.length / dimensions;
  const logits = new Float64Array(rows * classes);
  for (let r = 0; r < rows; r++) logitsInto(features, r * dimensions, x, dimensions, logits.subarray(r * classes, (r + 1) * classes));
  return logits;
}

function meanNll({ features, labels }: { features: Float64Array; labels: ArrayLike<number> }, x: Float64Array, dimensions: number, classes: number): number {
  const logits = logitsOf(features, x, dimensions, classes);
  let sum = 0;
  for (let r = 0; r < labels.length; r++) sum -= logSoftmax(logits, r * classes, classes, labels[r]!);
  return sum / labels.length;
}
