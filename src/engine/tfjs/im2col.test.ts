import { describe, expect, it } from 'vitest';
import { Stream } from '../../core/philox.ts';
import { col2im, convShape, im2col, matrixToWeights, weightsToMatrix } from './im2col.ts';
import { normals } from './testing.ts';

const inner = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describe.each([
  [{ height: 7, width: 5, channels: 3 }, { outputs: 2, kernel: 3, stride: 2, padding: 1 }],
  [{ height: 4, width: 6, channels: 1 }, { outputs: 1, kernel: 3, stride: 1, padding: 1 }],
  [{ height: 5, width: 5, channels: 2 }, { outputs: 3, kernel: 2, stride: 2, padding: 0 }],
  [{ height: 2, width: 1, channels: 2 }, { outputs: 1, kernel: 5, stride: 3, padding: 2 }],
])('patches of %j under %j', (input, layer) => {
  const shape = convShape(input, layer);
  const batch = 3;
  const stream = new Stream(1, 'sampler');
  const positions = batch * shape.oh * shape.ow;

  it('col2im is the adjoint of im2col', () => {
    const x = normals(stream, batch * input.height * input.width * input.channels);
    const p = normals(stream, positions * shape.taps);
    const patches = new Float32Array(p.length).fill(NaN);
    const dx = new Float32Array(x.length).fill(NaN);
    im2col(x, batch, shape, patches);
    col2im(p, batch, shape, dx);
    expect(Math.abs(inner(patches, p) - inner(x, dx))).toBeLessThan(1e-4);
  });

  it('holds each tap at (ky, kx, c), and zero beyond the edge', () => {
    const x = normals(stream, batch * input.height * input.width * input.channels);
    const patches = new Float32Array(positions * shape.taps).fill(NaN);
    im2col(x, batch, shape, patches);
    patches.forEach((value, i) => {
      const c = i % input.channels;
      const tap = Math.floor((i % shape.taps) / input.channels);
      const position = Math.floor(i / shape.taps);
      const ix = (position % shape.ow) * layer.stride - layer.padding + (tap % layer.kernel);
      const iy = (Math.floor(position / shape.ow) % shape.oh) * layer.stride - layer.padding + Math.floor(tap / layer.kernel);
      const inside = ix >= 0 && iy >= 0 && ix < input.width && iy < input.height;
      const b = Math.floor(position / (shape.oh * shape.ow));
      expect(value).toBe(inside ? x[((b * input.height + iy) * input.width + ix) * input.channels + c] : 0);
    });
  });

  it('weights come back from the matrix', () => {
    const theta = normals(stream, 4 + shape.outputs * shape.taps);
    const matrix = new Float32Array(shape.taps * shape.outputs);
    const back = new Float32Array(theta.length);
    weightsToMatrix(theta, 4, shape, matrix);
    matrixToWeights(matrix, shape, back, 4);
    expect(back.subarray(4)).toEqual(theta.subarray(4));
  });
});
