/** One network of a plane, looked at: its losses and what it says of some test images. */
import { LabError } from '../../core/errors.ts';
import { softmaxInto } from '../../core/softmax.ts';
import { type ContactSheet, imageStrip } from '../../data/preview.ts';
import { Pace } from '../pace.ts';
import type { Losses, Studio } from './studio.ts';

/** Test images shown. */
export const SHOWN = 24;

export interface Inspection {
  a: number;
  b: number;
  /** Of this network on the plane's images. */
  losses: { [K in keyof Losses]: number };
  classNames: string[];
  /** Test images side by side, and for each its class, the most probable class (−1: not finite) and all probabilities. */
  strip: ContactSheet;
  images: { label: number; guess: number; probabilities: number[] }[];
}

/** The network at (a, b) of a measured plane, on the images the plane was measured on. Throws LabError when the plane is not known any more. */
export async function inspectPoint(studio: Studio, key: string, a: number, b: number): Promise<Inspection> {
  const found = studio.plane(key);
  if (!found) throw new LabError('config', 'This map belongs to an earlier run; measure the cut again, then pick a point.');
  const { frame, plane: { seed } } = found;
  const { engine, architecture, data, dataset } = studio.input;
  const coordinates = Float32Array.of(a, b);
  const losses = await studio.evaluate(frame, coordinates, seed, new Pace('surface', 1, 'Inspecting'));
  // Of segmentation losses alone: the pictures of the verdict show what networks say of pixels.
  const shown = studio.rows[studio.index(seed)]!.test.subarray(0, architecture.decoder ? 0 : SHOWN);
  const { logits } = shown.length === 0 ? { logits: null } : await engine.evaluate({
    architecture, data, indices: shown, logits: true, points: { kind: 'plane', origin: frame.origin, u: frame.u, v: frame.v, coordinates },
  });
  return {
    a, b, classNames: [...dataset.classNames], strip: imageStrip(dataset, shown),
    losses: { trainNll: losses.trainNll[0]!, testNll: losses.testNll[0]!, trainAccuracy: losses.trainAccuracy[0]!, testAccuracy: losses.testAccuracy[0]! },
    images: Array.from(shown, (row, i) => {
      const probabilities = new Float64Array(architecture.classes);
      const guess = softmaxInto(logits![0]!, i * architecture.classes, probabilities);
      return { label: dataset.labels[row]!, guess, probabilities: [...probabilities] };
    }),
  };
}
