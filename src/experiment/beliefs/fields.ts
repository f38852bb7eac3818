/**
 * Class probabilities over the plane of the toy: what each of some networks answers on a lattice, and the mean of what all
 * of them do. A map is [side][side][C] in bytes (255 is certain), x fastest, rows upwards, over [−reach, reach]².
 */
import { type PlanePoints, planePoints } from '../../data/preview.ts';
import { TOY_NORMALISATION, TOY_REACH, toyLattice } from '../../data/toy.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Engine } from '../../engine/contract.ts';
import { softmaxInto } from '../../core/softmax.ts';
import type { Architecture } from '../../model/architecture.ts';
import type { LabEvent } from '../events.ts';
import { thinned } from '../robustness/networks.ts';
import { inPieces, type Pace } from '../pace.ts';

const SIDE = 64;
/** Single networks that are shown. */
const SHOWN = 8;

export interface Fields {
  side: number;
  reach: number;
  classNames: string[];
  /** Some of the networks. */
  networks: Uint8Array[];
  /** Mean of the probabilities of all, and how many those are. */
  mean: Uint8Array;
  count: number;
  source: PlanePoints | null;
  downstream: PlanePoints | null;
}

export function costOfFields(count: number): number {
  return count * SIDE * SIDE;
}

interface FieldsInput {
  engine: Engine;
  architecture: Architecture;
  classNames: readonly string[];
  /** theta [D + H] of each network. */
  thetas: readonly Float32Array[];
  source: { dataset: Dataset; rows: Uint32Array } | null;
  downstream: { dataset: Dataset; rows: Uint32Array } | null;
}

/** Networks whose logits are not finite are left out. */
export async function* drawFields({ engine, architecture, classNames, thetas, source, downstream }: FieldsInput, pace: Pace): AsyncGenerator<LabEvent, Fields> {
  const lattice = await toyLattice(classNames, SIDE);
  const data = await engine.load(lattice, TOY_NORMALISATION);
  try {
    const indices = Uint32Array.from({ length: SIDE * SIDE }, (_, i) => i);
    const { logits } = yield* inPieces(pace, thetas.length, SIDE * SIDE, engine.info.workers, (from, to) => engine.evaluate({
      architecture, data, indices, points: { kind: 'list', thetas: thetas.slice(from, to) }, logits: true,
    }));
    const maps = (logits ?? []).flatMap((one) => probabilitiesOf(one, architecture.classes) ?? []);
    const mean = new Float32Array(SIDE * SIDE * architecture.classes);
    for (const map of maps) map.forEach((p, i) => (mean[i]! += p / maps.length));
    const shown = thinned(maps.length, SHOWN).map((i) => bytes(maps[i]!));
    return {
      side: SIDE, reach: TOY_REACH, classNames: [...classNames], networks: shown, mean: bytes(mean), count: maps.length,
      source: source && planePoints(source.dataset, source.rows), downstream: downstream && planePoints(downstream.dataset, downstream.rows),
    };
  } finally {
    await engine.unload(data);
  }
}

function probabilitiesOf(logits: Float32Array, classes: number): Float32Array | null {
  const out = new Float32Array(logits.length);
  const row = new Float64Array(classes);
  for (let at = 0; at < logits.length; at += classes) {
    if (softmaxInto(logits, at, row) < 0) return null;
    out.set(row, at);
  }
  return out;
}

function bytes(probabilities: Float32Array): Uint8Array {
  return Uint8Array.from(probabilities, (p) => Math.round(255 * p));
}
