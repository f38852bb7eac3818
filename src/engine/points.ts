/** Points of a list or of a plane origin + a·u + b·v, one at a time; how to cut them into shares; which networks have features. */
import { LabError } from '../core/errors.ts';
import type { Architecture } from '../model/architecture.ts';
import type { Points } from './contract.ts';

export function pointCount(points: Points): number {
  return points.kind === 'list' ? points.thetas.length : points.coordinates.length / 2;
}

/** Point i [D + H]; a plane's is formed in `out`. */
export function pointAt(points: Points, i: number, out: Float32Array): Float32Array {
  if (points.kind === 'list') return points.thetas[i]!;
  const { origin, u, v, coordinates } = points;
  const a = coordinates[2 * i]!;
  const b = coordinates[2 * i + 1]!;
  for (let j = 0; j < out.length; j++) out[j] = origin[j]! + a * u[j]! + b * v[j]!;
  return out;
}

/** Points [from, to). */
export function slicePoints(points: Points, from: number, to: number): Points {
  if (points.kind === 'list') return { kind: 'list', thetas: points.thetas.slice(from, to) };
  return { ...points, coordinates: points.coordinates.slice(2 * from, 2 * to) };
}

/** Throws LabError('config') for a network whose features would be the images themselves, or maps of several sizes. */
export function refuseHeadless({ name, head, decoder }: Architecture): void {
  if (decoder) throw new LabError('config', 'A network for segmentation has maps and no features of an image; ask its classifier, which has the same extractor.');
  if (!head) throw new LabError('config', `A network of the kind “${name}” has no head apart from its extractor, and so no features; choose another network.`);
}

/** Throws LabError('config') for a network whose loss is over pixels. */
export function refusePixels({ decoder }: Architecture): void {
  if (decoder) throw new LabError('config', 'The curvature of a loss over pixels is not measured here; choose a method that asks for no curvature, such as MAP, an ensemble, SWAG or a sampler.');
}
