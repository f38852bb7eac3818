/** Both objectives of views in float64 by the plainest loops, against the typed gradients, finite differences and automatic differentiation. */
import '@tensorflow/tfjs-backend-cpu';
import { grad, setBackend, type Tensor2D, tensor2d, tidy } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import type { Views } from '../data/views.ts';
import type { Objective } from './contract.ts';
import { viewCriterion } from './tfjs/autodiff-views.ts';
import { normals } from './tfjs/testing.ts';
import { referenceViewLoss } from './tfjs/reference.ts';
import { imagesOf, lossOfViews } from './view-losses.ts';

const views: Views = { affine: null, crop: 1, flip: false, jitter: 0, blur: 0, noise: 0, cutout: 0 };
const CASES: [string, Objective][] = [
  ['NT-Xent', { kind: 'nt-xent', temperature: 0.5, views }],
  ['NT-Xent, cold', { kind: 'nt-xent', temperature: 0.05, views }],
  ['VICReg', { kind: 'vicreg', variance: 1, covariance: 0.04, views }],
  ['VICReg, its covariance alone', { kind: 'vicreg', variance: 0, covariance: 2, views }],
];
const [IMAGES, WIDTH] = [10, 6];

describe.each(CASES)('%s', (_name, objective) => {
  // Deviations of some outputs above 1 and of some below, so that both sides of VICReg's hinge are there.
  const z = normals(new Stream(5, 'sampler'), IMAGES * WIDTH).map((x, i) => x * (0.4 + 0.3 * (i % WIDTH)) + 0.2);
  const exact = referenceViewLoss(objective, Float64Array.from(z), IMAGES);
  const difference = Array.from(z, (_, i) => {
    const at = (h: number) => referenceViewLoss(objective, Float64Array.from(z, (value, j) => (j === i ? value + h : value)), IMAGES).nll;
    return (at(1e-5) - at(-1e-5)) / 2e-5;
  });
  const size = Math.max(...difference.map(Math.abs));

  it('by hand is the loss of the definition, and its gradient the finite difference', () => {
    const dz = new Float32Array(z.length);
    const loss = lossOfViews(objective, IMAGES, WIDTH)(z, dz);
    expect(loss.nll).toBeCloseTo(exact.nll, 6);
    expect(loss.accuracy).toBeCloseTo(exact.accuracy, 12);
    difference.forEach((expected, i) => expect(Math.abs(dz[i]! - expected) / size, `output ${i}`).toBeLessThan(1e-5));
  });

  it('by automatic differentiation is the same', async () => {
    await setBackend('cpu');
    const [loss, share, gradient] = tidy(() => {
      const at = tensor2d(z, [IMAGES, WIDTH]);
      const { loss: of, share: nearest } = viewCriterion(objective);
      return [of(at).dataSync<'float32'>()[0]!, nearest(at).dataSync<'float32'>()[0]!, grad((x) => of(x as Tensor2D))(at).dataSync<'float32'>()] as const;
    });
    expect(Math.abs(loss - exact.nll)).toBeLessThan(1e-5 * (1 + exact.nll));
    expect(share).toBeCloseTo(exact.accuracy, 6);
    difference.forEach((expected, i) => expect(Math.abs(gradient[i]! - expected) / size, `output ${i}`).toBeLessThan(2e-5));
  });

  it('is not finite where an output is not', () => {
    const broken = z.slice();
    broken[7] = NaN;
    expect(lossOfViews(objective, IMAGES, WIDTH)(broken, new Float32Array(z.length)).nll).toBeNaN();
  });
});

describe('known values', () => {
  it('NT-Xent is log(2B − 1) where all views are alike, and nothing pulls', () => {
    const dz = new Float32Array(32);
    const { nll } = lossOfViews({ kind: 'nt-xent', temperature: 0.2, views }, 8, 4)(new Float32Array(32).fill(0.7), dz);
    expect(nll).toBeCloseTo(Math.log(7), 10);
    expect(Math.max(...dz.map(Math.abs))).toBeLessThan(1e-6);
  });

  it('VICReg of outputs that are alike is the weight of their variance, less eps', () => {
    const { nll } = lossOfViews({ kind: 'vicreg', variance: 3, covariance: 1, views }, 8, 4)(new Float32Array(32).fill(0.7), new Float32Array(32));
    expect(nll).toBeCloseTo(3 * (1 - Math.sqrt(1e-4)), 6);
  });

  it('refuses what no objective of views is defined for', () => {
    const objective: Objective = { kind: 'nt-xent', temperature: 0.5, views };
    const chain = { frozen: false, indices: new Uint32Array(20) };
    expect(imagesOf({ objective, augmentation: null, batch: 16, chains: [chain] }, 20)).toBe(32);
    expect(imagesOf({ augmentation: null, batch: 16, chains: [chain] }, 20)).toBe(16);
    expect(() => imagesOf({ objective, augmentation: null, batch: 1, chains: [chain] }, 20)).toThrow(/two images/);
    expect(() => imagesOf({ objective, augmentation: null, batch: 8, chains: [{ ...chain, frozen: true }] }, 20)).toThrow(/extractor and head/);
    expect(() => imagesOf({ objective, augmentation: {}, batch: 8, chains: [chain] }, 20)).toThrow(/place of augmentation/);
  });
});
