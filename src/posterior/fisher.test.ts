/** The Fisher posterior against squared gradients of logistic regression written out by hand, through an engine and alone. */
import '@tensorflow/tfjs-backend-cpu';
import { setBackend } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { marginalVariances } from '../core/marginals.ts';
import { Stream } from '../core/philox.ts';
import type { Dataset } from '../data/dataset.ts';
import { normals, range } from '../engine/tfjs/testing.ts';
import { TypedEngine } from '../engine/tfjs/typed-engine.ts';
import { buildArchitecture } from '../model/build.ts';
import { fisherPosterior } from './fisher.ts';

const [INPUTS, CLASSES, ROWS] = [3, 2, 40];
const D = CLASSES * INPUTS + CLASSES;

describe('the Fisher posterior', () => {
  it('is that of logistic regression', async () => {
    const stream = new Stream(2, 'planted');
    const theta = normals(stream, D);
    const images = normals(stream, ROWS * INPUTS);
    const labels = Uint16Array.from({ length: ROWS }, () => stream.integer(CLASSES));
    // Σ (p_c − y_c)²·x_i² for W [C, I], Σ (p_c − y_c)² for b [C].
    const squares = new Float64Array(D);
    for (let n = 0; n < ROWS; n++) {
      const x = images.subarray(n * INPUTS, (n + 1) * INPUTS);
      const z = [0, 1].map((c) => x.reduce((sum, value, i) => sum + theta[c * INPUTS + i]! * value, theta[CLASSES * INPUTS + c]!));
      const total = z.reduce((sum, value) => sum + Math.exp(value), 0);
      z.forEach((value, c) => {
        const error = Math.exp(value) / total - (labels[n] === c ? 1 : 0);
        for (let i = 0; i < INPUTS; i++) squares[c * INPUTS + i]! += (error * x[i]!) ** 2;
        squares[CLASSES * INPUTS + c]! += error ** 2;
      });
    }
    await setBackend('cpu');
    const engine = new TypedEngine({ engine: 'tfjs', backend: 'cpu', adapter: null, software: false, workers: 1 });
    const dataset: Dataset = { name: 'planted', images, labels, count: ROWS, height: 1, width: INPUTS, channels: 1, classNames: ['a', 'b'], sha256: '', licence: '' };
    const architecture = buildArchitecture('linear', { widths: [], input: { height: 1, width: INPUTS, channels: 1 }, classes: CLASSES });
    const [measured] = await engine.squaredGradients({ architecture, data: await engine.load(dataset, { mean: 0, std: 1 }), indices: range(0, ROWS), thetas: [theta], labels: 'data' });

    const [examples, weightDecay, trace] = [1000, 0.01, 8e-3];
    const posterior = fisherPosterior({ mean: theta, squares: measured!, rows: ROWS, examples, weightDecay, trace });
    const precision = squares.map((sum) => (examples / ROWS) * sum + examples * weightDecay);
    const total = precision.reduce((sum, p) => sum + 1 / p, 0);
    precision.forEach((p, j) => expect(posterior.variance[j]! / (trace / p / total)).toBeCloseTo(1, 4));
    expect(posterior).toMatchObject({ mean: theta, rank: 0 });
  });

  it('has the trace asked for, and lets move what no row touches as far as weight decay does', () => {
    const posterior = fisherPosterior({ mean: new Float32Array(3), squares: Float64Array.of(0, 10, 30), rows: 10, examples: 100, weightDecay: 1, trace: 6 });
    // 1/1 : 1/2 : 1/4.
    expect([...posterior.variance].map((v) => v / posterior.variance[0]!)).toEqual([1, 0.5, 0.25]);
    expect(marginalVariances(posterior).reduce((sum, x) => sum + x, 0)).toBeCloseTo(6, 5);
    expect(() => fisherPosterior({ mean: new Float32Array(1), squares: Float64Array.of(0), rows: 1, examples: 1, weightDecay: 0, trace: 1 })).toThrow(RangeError);
  });
});
