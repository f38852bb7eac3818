/** Networks that leave and come back: the same bits, the same metrics, and what is refused. */
import { beforeAll, describe, expect, it } from 'vitest';
import { parameterTable } from '../../model/build.ts';
import { decodeModel } from '../../prior/model-file.ts';
import { float32Tensor, readSafetensors, writeSafetensors } from '../../prior/safetensors.ts';
import { Studio } from '../surface/studio.ts';
import { SEEDS, smallComparison, smallSettings } from '../testing.ts';
import { scoreWeights, solutionFile, solutionOf } from './models.ts';

let studio: Studio;
beforeAll(async () => {
  const settings = smallSettings();
  studio = new Studio({ ...await smallComparison(settings), settings });
}, 60_000);

describe('a solution', () => {
  it('leaves and is measured as it was in the comparison', async () => {
    for (const seed of SEEDS) {
      const bytes = solutionFile(studio, 'low-rank', seed);
      expect(await decodeModel(bytes, 'own', studio.input.architecture)).toEqual(solutionOf(studio, 'low-rank', seed).theta);
      const { test, rows } = await scoreWeights(studio, bytes, 'own', seed);
      expect(rows).toBe(40);
      for (const [metric, value] of Object.entries(studio.result('low-rank', seed)!.test)) expect(test[metric as 'nll']).toBeCloseTo(value, 6);
    }
  });

  it('says what it is, and carries samples beside it', async () => {
    const { theta } = solutionOf(studio, 'none', SEEDS[0]!);
    const bytes = solutionFile(studio, 'none', SEEDS[0]!, [theta, theta.map((x) => -x)]);
    const { tensors, metadata } = readSafetensors(bytes);
    const first = parameterTable(studio.input.architecture).entries[0]!;
    expect(tensors.get(`samples.${first.name}`)!.shape).toEqual([2, ...first.shape]);
    expect(JSON.parse(metadata.get('priorscape_model')!)).toMatchObject({ version: 1, arm: 'none', scale: null, samples: 2, architecture: { name: 'convnet-s', widths: [4, 8], classes: 3 } });
    expect(await decodeModel(bytes, 'own', studio.input.architecture)).toEqual(theta);
  });

  it('that is not there is said', () => {
    expect(() => solutionOf(studio, 'probe', SEEDS[0]!)).toThrow(/no solution of the arm probe/);
    expect(() => solutionOf(studio, 'none', 99)).toThrow(/for seed 99/);
  });
});

describe('weights from elsewhere', () => {
  const changed = (change: (tensors: ReturnType<typeof readSafetensors>['tensors']) => void): Uint8Array<ArrayBuffer> => {
    const { tensors } = readSafetensors(solutionFile(studio, 'none', SEEDS[0]!));
    change(tensors);
    return writeSafetensors(tensors, new Map([['format', 'pt']]));
  };

  it('are refused in a sentence where they are not of this network', async () => {
    const score = (change: Parameters<typeof changed>[0]) => scoreWeights(studio, changed(change), 'mine', SEEDS[0]!);
    await expect(score((tensors) => tensors.delete('head.bias'))).rejects.toThrow(/“mine” are not of this comparison’s network: head\.bias is not in the file; save [^.]*\.$/);
    await expect(score((tensors) => tensors.set('head.bias', float32Tensor([4], new Float32Array(4))))).rejects.toThrow(/head\.bias has shape \[4\], not \[3\]/);
    await expect(score((tensors) => tensors.set('head.bias', float32Tensor([3], Float32Array.of(0, NaN, 0))))).rejects.toThrow(/not finite/);
    await expect(score((tensors) => tensors.set('head.bias', { dtype: 'I32', shape: [3], bytes: new Uint8Array(12) }))).rejects.toThrow(/head\.bias holds I32/);
    await expect(score((tensors) => {
      for (const [name, tensor] of [...tensors]) {
        tensors.set(`mean.${name}`, tensor);
        tensors.set(`variance.${name}`, tensor);
      }
    })).rejects.toThrow(/is a prior, not the weights of one network/);
    await expect(scoreWeights(studio, new Uint8Array(20), 'mine', SEEDS[0]!)).rejects.toMatchObject({ kind: 'file' });
    await expect(scoreWeights(studio, changed(() => undefined), 'mine', 99)).rejects.toThrow(/no seed 99/);
  });
});
