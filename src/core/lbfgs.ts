/**
 * L-BFGS (Liu & Nocedal 1989) in float64: the limited-memory quasi-Newton minimiser for smooth functions of some thousand
 * numbers. Two-loop recursion over the last pairs (s, y), backtracking by the parabola through what is known of the line
 * (Armijo's condition), pairs without positive curvature left out. Deterministic; a generator, so that whoever drives it
 * may breathe between two iterations.
 */

/** The value at x [D]; its gradient goes to `gradient` [D]. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface Minimum {
  value: number;
  iterations: number;
  /** The largest component of the gradient fell below the tolerance; false: the iterations ran out, or no step lowers the value any more. */
  converged: boolean;
}

const MEMORY = 10;
/** Armijo's constant, and how often a step is shortened before the search gives up. */
const ARMIJO = 1e-4;
const MOST_CUTS = 30;

/** Lowers `objective` from x in place; yields after each iteration. */
export function* minimise(objective: Objective, x: Float64Array, options: { tolerance: number; iterations: number }): Generator<void, Minimum> {
  const d = x.length;
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  const gradient = new Float64Array(d);
  const next = new Float64Array(d);
  const nextGradient = new Float64Array(d);
  const direction = new Float64Array(d);
  let value = objective(x, gradient);
  for (let k = 0; k < options.iterations; k++) {
    if (largest(gradient) <= options.tolerance) return { value, iterations: k, converged: true };
    for (let j = 0; j < d; j++) direction[j] = -gradient[j]!;
    newton(direction, pairs);
    const slope = dot(direction, gradient);
    // Before anything is known of the curvature, a step of length one at most.
    let step = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    let found = Infinity;
    for (let cut = 0; cut <= MOST_CUTS; cut++) {
      for (let j = 0; j < d; j++) next[j] = x[j]! + step * direction[j]!;
      found = objective(next, nextGradient);
      if (found <= value + ARMIJO * step * slope) break;
      const parabola = (-slope * step * step) / (2 * (found - value - slope * step));
      step = Number.isFinite(parabola) ? Math.min(0.5 * step, Math.max(0.1 * step, parabola)) : 0.1 * step;
      if (cut === MOST_CUTS) return { value, iterations: k, converged: false };
    }
    remember(pairs, x, next, gradient, nextGradient);
    x.set(next);
    gradient.set(nextGradient);
    value = found;
    yield;
  }
  return { value, iterations: options.iterations, converged: largest(gradient) <= options.tolerance };
}

/** Replaces r by H·r, H the inverse Hessian that the pairs tell of, oldest first. */
function newton(r: Float64Array, pairs: readonly { s: Float64Array; y: Float64Array; rho: number }[]): void {
  const last = pairs.at(-1);
  if (!last) return;
  const alphas = pairs.map(() => 0);
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { s, y, rho } = pairs[i]!;
    alphas[i] = rho * dot(s, r);
    add(r, y, -alphas[i]!);
  }
  const gain = 1 / (last.rho * dot(last.y, last.y));
  for (let j = 0; j < r.length; j++) r[j]! *= gain;
  pairs.forEach(({ s, y, rho }, i) => add(r, s, alphas[i]! - rho * dot(y, r)));
}

function remember(pairs: { s: Float64Array; y: Float64Array; rho: number }[], x: Float64Array, next: Float64Array, gradient: Float64Array, nextGradient: Float64Array): void {
  const s = next.map((value, j) => value - x[j]!);
  const y = nextGradient.map((value, j) => value - gradient[j]!);
  const curvature = dot(s, y);
  if (!(curvature > 1e-12 * Math.sqrt(dot(s, s) * dot(y, y)))) return;
  pairs.push({ s, y, rho: 1 / curvature });
  if (pairs.length > MEMORY) pairs.shift();
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}

function add(to: Float64Array, what: Float64Array, times: number): void {
  for (let j = 0; j < to.length; j++) to[j]! += times * what[j]!;
}

function largest(values: Float64Array): number {
  let top = 0;
  for (let j = 0; j < values.length; j++) top = Math.max(top, Math.abs(values[j]!));
  return top;
}
