/** The minimiser against known minima: a stiff quadratic, Rosenbrock's valley, and a function without a minimum. */
import { expect, it } from 'vitest';
import { type Minimum, minimise, type Objective } from './lbfgs.ts';

function run(objective: Objective, x: Float64Array, iterations = 500): Minimum {
  const work = minimise(objective, x, { tolerance: 1e-9, iterations });
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

it('finds the minimum of a quadratic whose curvatures span two decades', () => {
  const x = new Float64Array(30);
  const curvature = (j: number) => 10 ** ((2 * j) / 29);
  const { value, converged } = run((at, gradient) => at.reduce((sum, one, j) => {
    gradient[j] = curvature(j) * (one - j);
    return sum + 0.5 * curvature(j) * (one - j) ** 2;
  }, 0), x);
  expect(converged).toBe(true);
  expect(value).toBeLessThan(1e-15);
  x.forEach((one, j) => expect(one).toBeCloseTo(j, 8));
});

it('follows Rosenbrock’s valley to (1, 1)', () => {
  const x = Float64Array.of(-1.2, 1);
  const { converged, iterations } = run((at, gradient) => {
    const [a, b] = [at[0]!, at[1]!];
    gradient[0] = -400 * a * (b - a * a) - 2 * (1 - a);
    gradient[1] = 200 * (b - a * a);
    return 100 * (b - a * a) ** 2 + (1 - a) ** 2;
  }, x);
  expect(converged).toBe(true);
  expect(iterations).toBeLessThan(60);
  expect(x[0]).toBeCloseTo(1, 8);
  expect(x[1]).toBeCloseTo(1, 8);
});

it('says that it did not arrive where there is nothing to arrive at', () => {
  const falls: Objective = (at, gradient) => {
    gradient[0] = -Math.exp(-at[0]!);
    return Math.exp(-at[0]!);
  };
  expect(run(falls, Float64Array.of(0), 3)).toMatchObject({ iterations: 3, converged: false });
});
