/** The probe against what is known of its minimum: gradients by finite differences, class frequencies, Newton's method, and a task it must solve. */
import { describe, expect, it } from 'vitest';
import { minimise } from '../core/lbfgs.ts';
import { Stream } from '../core/philox.ts';
import { fitProbe, type Labelled, PENALTIES, probeObjective, standardiser } from './probe.ts';

/** Clusters of `classes` points on a circle with noise, and features that say nothing. */
function clusters(n: number, classes: number, noise: number, seed: number): Labelled {
  const stream = new Stream(seed, 'draw');
  const labels = Uint16Array.from({ length: n }, (_, r) => r % classes);
  const features = Float64Array.from({ length: 4 * n }, (_, i) => {
    const angle = (2 * Math.PI * labels[i >> 2]!) / classes;
    return [5 + 2 * Math.cos(angle), 0.01 * Math.sin(angle), 0, 0][i % 4]! + [noise, 0.005 * noise, 1, 0][i % 4]! * stream.normal();
  });
  return { features, labels };
}

function drain<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

describe('the linear probe', () => {
  it('has the gradient of its loss', () => {
    const data = clusters(20, 3, 0.5, 1);
    const objective = probeObjective(data, 4, 3, 0.3);
    const stream = new Stream(2, 'draw');
    const x = Float64Array.from({ length: 15 }, () => stream.normal());
    const gradient = new Float64Array(15);
    objective(x, gradient);
    const scratch = new Float64Array(15);
    for (let j = 0; j < 15; j++) {
      const at = (by: number) => objective(x.map((value, i) => (i === j ? value + by : value)), scratch);
      expect(gradient[j]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 6);
    }
  });

  it('answers with the class frequencies where it may not move, and with Newton’s solution of two classes where it may', () => {
    const labels = [0, 0, 0, 1, 0, 1, 0, 0];
    const features = [1, -2, 0.5, 2, 0.3, 1.5, -1, -0.5];
    const held = new Float64Array(4);
    drain(minimise(probeObjective({ features, labels }, 1, 2, 1e9), held, { tolerance: 1e-9, iterations: 200 }));
    expect(held[0]).toBeCloseTo(0, 6);
    expect(held[2]! - held[3]!).toBeCloseTo(Math.log(6 / 2), 6);
    // Two classes share their weights: w₁ − w₀ = w minimises a binary logistic loss with penalty/4·w².
    const free = new Float64Array(4);
    drain(minimise(probeObjective({ features, labels }, 1, 2, 0.1), free, { tolerance: 1e-10, iterations: 200 }));
    let [w, b] = [0, 0];
    for (let k = 0; k < 50; k++) {
      const p = features.map((one) => 1 / (1 + Math.exp(-(w * one + b))));
      const gw = features.reduce((sum, one, i) => sum + ((p[i]! - labels[i]!) * one) / 8, 0) + 0.05 * w;
      const gb = p.reduce((sum, one, i) => sum + (one - labels[i]!) / 8, 0);
      const h = p.map((one) => (one * (1 - one)) / 8);
      const [a, c, d] = [features.reduce((sum, one, i) => sum + h[i]! * one * one, 0.05), features.reduce((sum, one, i) => sum + h[i]! * one, 0), h.reduce((sum, one) => sum + one, 0)];
      w -= (d * gw - c * gb) / (a * d - c * c);
      b -= (a * gb - c * gw) / (a * d - c * c);
    }
    expect(free[1]! - free[0]!).toBeCloseTo(w, 6);
    expect(free[3]! - free[2]!).toBeCloseTo(b, 6);
  });

  it('names clusters on features of any scale, and by chance where there is nothing to read', () => {
    const probe = drain(fitProbe(clusters(120, 4, 0.3, 3), clusters(60, 4, 0.3, 4), 4, 4));
    const test = clusters(200, 4, 0.3, 5);
    const right = (answers: Uint16Array) => answers.reduce((sum, answer, r) => sum + Number(answer === test.labels[r]), 0) / 200;
    expect(right(probe.answer(test.features))).toBeGreaterThan(0.97);
    expect(PENALTIES).toContain(probe.penalty);
    const noise = (n: number, seed: number): Labelled => ({ ...clusters(n, 4, 0, 1), features: Float64Array.from({ length: 4 * n }, ((stream) => () => stream.normal())(new Stream(seed, 'draw'))) });
    const blind = drain(fitProbe(noise(120, 6), noise(120, 7), 4, 4));
    expect(blind).toMatchObject({ penalty: 1, edge: 'high' });
    expect(right(blind.answer(noise(200, 8).features))).toBeLessThan(0.4);
  });

  it('leaves a feature that never varies out, rounding included', () => {
    const standard = standardiser(Float32Array.of(1, 0.1, 3, 0.1, 5, 0.1), 2);
    expect([...standard([3, 0.7])]).toEqual([0, 0]);
    expect(standard([3 + Math.sqrt(8 / 3), 0])[0]).toBeCloseTo(1, 12);
  });
});
