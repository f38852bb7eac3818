/**
 * What the tuned networks of a finished comparison say of the pixels of some test images: every arm's answers and its predictive entropy, packed as bytes, the images on
 * which the arms are least sure on average first. Asked for after a run; nothing of it is in a result file.
 */
import { LabError } from '../../core/errors.ts';
import { softmaxInto } from '../../core/softmax.ts';
import { type ContactSheet, imageStrip } from '../../data/preview.ts';
import { type Arm, ARMS } from '../../prior/prior.ts';
import type { LabEvent } from '../events.ts';
import type { Pace } from '../pace.ts';
import type { Studio } from '../surface/studio.ts';

/** Test images looked at, and those of them that are shown. */
const LOOKED_AT = 48;
const SHOWN = 12;
/** Images whose logits are held at a time. */
const TOGETHER = 8;

export interface PixelPictures {
  seed: number;
  classNames: string[];
  height: number;
  width: number;
  /** Test images that were looked at. */
  lookedAt: number;
  /** Those shown, side by side. */
  strip: ContactSheet;
  /** Of each image shown: its label map [H·W], VOID where there is no class, and its mean entropy over pixels and arms, in nats. */
  images: { truth: Uint8Array; entropy: number }[];
  /** By arm and image: the answer at every pixel, and the entropy of the prediction there, 255 being log(classes). */
  arms: { arm: Arm; answers: Uint8Array[]; entropy: Uint8Array[] }[];
}

/** Work in images passed forward. */
export function costOfPictures(studio: Studio, seed: number): number {
  return solutionsOf(studio, seed).length * rowsOf(studio, seed).length;
}

/** Yields progress. Throws LabError('config') where images have one label, or no arm has a solution for the seed. */
export async function* drawPictures(studio: Studio, seed: number, pace: Pace): AsyncGenerator<LabEvent, PixelPictures> {
  const { engine, architecture, data, dataset } = studio.input;
  const { maps, height, width, classNames } = dataset;
  const rows = rowsOf(studio, seed);
  const solutions = solutionsOf(studio, seed);
  if (!architecture.decoder || !maps) throw new LabError('config', 'These images have one label each, so there are no pictures of pixels.');
  if (solutions.length === 0) throw new LabError('config', `No arm has a solution for seed ${seed}; choose one of ${studio.input.seeds.join(', ')}.`);
  const { classes } = architecture;
  const area = height * width;
  const arms: PixelPictures['arms'] = [];
  const uncertainty = new Float64Array(rows.length);
  const probabilities = new Float64Array(classes);
  for (const { arm, theta } of solutions) {
    const own: PixelPictures['arms'][number] = { arm, answers: [], entropy: [] };
    for (let from = 0; from < rows.length; from += TOGETHER) {
      const indices = rows.subarray(from, from + TOGETHER);
      const { logits } = await pace.work(indices.length, () => engine.evaluate({ architecture, data, indices, logits: true, points: { kind: 'list', thetas: [theta] } }));
      indices.forEach((_, i) => {
        const answers = new Uint8Array(area);
        const entropy = new Uint8Array(area);
        for (let p = 0; p < area; p++) {
          const best = softmaxInto(logits![0]!, (i * area + p) * classes, probabilities);
          const nats = -probabilities.reduce((sum, one) => (one > 0 ? sum + one * Math.log(one) : sum), 0);
          answers[p] = Math.max(0, best);
          entropy[p] = Math.round((255 * nats) / Math.log(classes));
          uncertainty[from + i]! += nats / (area * solutions.length);
        }
        own.answers.push(answers);
        own.entropy.push(entropy);
      });
      yield pace.progress();
    }
    arms.push(own);
  }
  const shown = [...uncertainty.keys()].sort((a, b) => uncertainty[b]! - uncertainty[a]!).slice(0, SHOWN);
  return {
    seed, classNames: [...classNames], height, width, lookedAt: rows.length, strip: imageStrip(dataset, shown.map((i) => rows[i]!)),
    images: shown.map((i) => ({ truth: maps.slice(rows[i]! * area, (rows[i]! + 1) * area), entropy: uncertainty[i]! })),
    arms: arms.map(({ arm, answers, entropy }) => ({ arm, answers: shown.map((i) => answers[i]!), entropy: shown.map((i) => entropy[i]!) })),
  };
}

function rowsOf({ input: { seeds, splits } }: Studio, seed: number): Uint32Array {
  return splits[seeds.indexOf(seed)]?.test.subarray(0, LOOKED_AT) ?? new Uint32Array(0);
}

/** Of one seed, in the order of the arms. */
function solutionsOf({ input: { outcome } }: Studio, seed: number) {
  return ARMS.flatMap((arm) => outcome.solutions.filter((one) => one.arm === arm && one.seed === seed));
}
