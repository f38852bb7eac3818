/** Files of the last comparison's networks: safetensors for PyTorch, a zip for TensorFlow.js; and weights that come back to be measured. */
import { zipSync } from 'fflate';
import { LabError } from '../core/errors.ts';
import { parseConfig } from '../experiment/config/config.ts';
import { scoreWeights, solutionFile, solutionOf, type WeightsScore } from '../experiment/models/models.ts';
import { Pace } from '../experiment/pace.ts';
import { costOfSamples, recordSamples } from '../experiment/surface/paths.ts';
import type { Studio } from '../experiment/surface/studio.ts';
import { tfjsModel } from '../storage/tfjs-model.ts';
import type { Requests } from './protocol.ts';
import type { Turns } from './turns.ts';

/** null when something newer took the place of drawing its samples. */
export async function modelFile(studio: Studio, turns: Turns, { arm, seed, format, samples }: Requests['exportModel']['in']): Promise<Uint8Array<ArrayBuffer> | null> {
  switch (format) {
    case 'safetensors': {
      if (samples === null) return solutionFile(studio, arm, seed);
      solutionOf(studio, arm, seed); // refused before anything is drawn
      const { config } = parseConfig(samples);
      const paths = await turns.alone(() => recordSamples(studio, seed, config, new Pace('surface', costOfSamples(studio, seed, config), 'Drawing samples')));
      if (!paths) return null;
      const own = paths.find((path) => path.arm === arm);
      if (!own) throw new LabError('config', `The arm ${arm} has no prior on the extractor, so no posterior to draw samples of; save its solution alone.`);
      return solutionFile(studio, arm, seed, own.thetas);
    }
    case 'tfjs': {
      const { theta, about: { architecture, normalisation, classNames } } = solutionOf(studio, arm, seed);
      const { json, weights } = tfjsModel(architecture, theta, normalisation, classNames);
      return zipSync({ 'model.json': new TextEncoder().encode(json), 'weights.bin': weights }) as Uint8Array<ArrayBuffer>; // fflate allocates plain arrays
    }
    default: return format satisfies never;
  }
}

export function measureWeights(studio: Studio, turns: Turns, { bytes, file, seed }: Requests['scoreWeights']['in']): Promise<WeightsScore> {
  return turns.using(() => scoreWeights(studio, new Uint8Array(bytes), file, seed));
}
