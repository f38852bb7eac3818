/**
 * SWAG: stochastic weight averaging, Gaussian (Maddox, Garipov, Izmailov, Vetrov & Wilson 2019). Over snapshots w_i [D]
 * of SGD at a constant rate: mean, var (mean of squared deviations) and the last K deviations d_i = w_i − running mean,
 * the running mean taken after it has seen w_i. Then
 *
 *   Σ = ½·diag(var) + 1/(2(K−1))·Σ d_i d_iᵀ      → variance = ½·var,  F = d/√(2(K−1))
 *
 * Moments are Welford's in float64: in float32, E[w²] − mean² errs by as much as the variances themselves (1e-5).
 */
import { LabError } from '../core/errors.ts';
import type { Gaussian } from '../core/gaussian.ts';

/** Smallest `var`: a weight that never moved still gets a proper distribution. */
export const SMALLEST_VARIANCE = 1e-8;

/** All that an accumulator knows, to be stored and restored (structured-cloneable). */
export interface SwagState {
  dimension: number;
  capacity: number;
  count: number;
  /** [D] */
  mean: Float64Array;
  /** Sum of squared deviations, [D]. */
  squares: Float64Array;
  /** Kept deviations, oldest first, each [D]; differences already, so float32 holds them. */
  deviations: Float32Array[];
}

export class SwagAccumulator {
  readonly #state: SwagState;

  /** For snapshots of D = `dimension` numbers, keeping the last `capacity` deviations. Throws RangeError on sizes below 1 and 2. */
  constructor(dimension: number, capacity: number) {
    if (!(Number.isSafeInteger(dimension) && dimension >= 1)) throw new RangeError(`SWAG needs at least one weight, not ${dimension}.`);
    if (!(Number.isSafeInteger(capacity) && capacity >= 2)) throw new RangeError(`SWAG keeps at least two deviations, not ${capacity}.`);
    this.#state = { dimension, capacity, count: 0, mean: new Float64Array(dimension), squares: new Float64Array(dimension), deviations: [] };
  }

  get snapshots(): number {
    return this.#state.count;
  }

  /** Takes in a snapshot w [D] (or a longer theta, whose first D numbers are w). Throws LabError when a weight is not finite; nothing changes then. */
  add(w: Float32Array): void {
    const { dimension, capacity, mean, squares, deviations } = this.#state;
    if (w.length < dimension) throw new RangeError(`A snapshot has ${dimension} weights, not ${w.length}.`);
    for (let j = 0; j < dimension; j++) {
      if (!Number.isFinite(w[j]!)) {
        throw new LabError('divergence', 'Source training diverged while snapshots were collected: lower the SWA learning rate.');
      }
    }
    const count = ++this.#state.count;
    const deviation = deviations.length < capacity ? new Float32Array(dimension) : deviations.shift()!;
    for (let j = 0; j < dimension; j++) {
      const before = w[j]! - mean[j]!;
      mean[j]! += before / count;
      const after = w[j]! - mean[j]!;
      squares[j]! += before * after;
      deviation[j] = after;
    }
    deviations.push(deviation);
  }

  /** The posterior so far. Throws LabError below two snapshots. */
  finish(): Gaussian {
    const { dimension, count, mean, squares, deviations } = this.#state;
    if (count < 2) throw new LabError('config', `SWAG needs at least two snapshots and has ${count}: collect more snapshots.`);
    const rank = deviations.length;
    const scale = 1 / Math.sqrt(2 * (rank - 1));
    const factor = new Float32Array(rank * dimension);
    deviations.forEach((deviation, k) => {
      for (let j = 0; j < dimension; j++) factor[k * dimension + j] = deviation[j]! * scale;
    });
    return {
      mean: Float32Array.from(mean),
      variance: Float32Array.from(squares, (sum) => 0.5 * Math.max(sum / count, SMALLEST_VARIANCE)),
      factor,
      rank,
    };
  }

  /** A copy of everything, for a checkpoint. */
  state(): SwagState {
    const { mean, squares, deviations, ...sizes } = this.#state;
    return { ...sizes, mean: mean.slice(), squares: squares.slice(), deviations: deviations.map((d) => d.slice()) };
  }

  /** An accumulator that goes on exactly where `state` was taken; the state itself is copied. Throws RangeError when it is inconsistent. */
  static restore(state: SwagState): SwagAccumulator {
    const accumulator = new SwagAccumulator(state.dimension, state.capacity);
    const { dimension, capacity, count } = state;
    const consistent = state.mean.length === dimension && state.squares.length === dimension
      && state.deviations.length === Math.min(count, capacity) && state.deviations.every((d) => d.length === dimension);
    if (!consistent) throw new RangeError('The stored SWAG state is inconsistent.');
    const own = accumulator.#state;
    own.count = count;
    own.mean.set(state.mean);
    own.squares.set(state.squares);
    own.deviations = state.deviations.map((d) => d.slice());
    return accumulator;
  }
}
