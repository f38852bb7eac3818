/**
 * The fused engine: a whole population trained in a short list of dispatches of hand-written WGSL kernels in which the
 * chain is a dimension. Populations are cut into cohorts that fit the device; chains with a frozen extractor train their
 * head on features computed once.
 */
import type { Dataset, Normalisation } from '../../data/dataset.ts';
import type { Architecture } from '../../model/architecture.ts';
import { LabError } from '../../core/errors.ts';
import { inErrorScopes, type LabDevice } from '../device.ts';
import type { DataRef, Engine, EngineInfo, Evaluation, GradientLabels, PointRequest, Points, Population, PopulationSpec, PopulationState } from '../contract.ts';
import { checkMaps } from '../pixels.ts';
import { pointCount, refuseHeadless, refusePixels } from '../points.ts';
import { Curvature } from './curvature.ts';
import { type GpuData, uploadData } from './data.ts';
import { Evaluator, type Source } from './evaluator.ts';
import type { Tile } from './kernels/conv-forward.ts';
import { netOf, type Part, rangeOf } from './net.ts';
import { FusedPopulation } from './fused-population.ts';
import { Programs } from './program.ts';

/** How work is cut for an adapter. */
export interface Cut {
  tile: Tile;
  /** Threads that keep the adapter busy. */
  threads: number;
  /** Steps (or row chunks) in one submission. */
  submit: number;
  /** Bytes of workspace for one cohort or evaluator. */
  budget: number;
}

/** A software adapter wants large tiles (loads are what is slow there) and short submissions; a GPU wants many threads. */
export const CUTS: Record<'software' | 'gpu', Cut> = {
  software: { tile: { positions: 16, channels: 16 }, threads: 256, submit: 1, budget: 48 * 2 ** 20 },
  gpu: { tile: { positions: 4, channels: 4 }, threads: 16384, submit: 10, budget: 512 * 2 ** 20 },
};

/** Evaluators kept for the next request, most recent last. */
const MOST_EVALUATORS = 4;

export class FusedEngine implements Engine {
  readonly info: EngineInfo;
  readonly programs: Programs;
  readonly device: LabDevice;
  readonly cut: Cut;
  readonly #data = new Map<number, GpuData>();
  readonly #evaluators = new Map<string, Evaluator>();
  #nextId = 1;

  constructor(device: LabDevice, cut = CUTS[device.adapter.software ? 'software' : 'gpu']) {
    this.device = device;
    this.cut = cut;
    this.programs = new Programs(device.gpu);
    this.info = { engine: 'fused', backend: 'webgpu', adapter: device.adapter.name, software: device.adapter.software, workers: 1 };
  }

  async load(dataset: Dataset, normalisation: Normalisation): Promise<DataRef> {
    const id = this.#nextId++;
    this.#data.set(id, uploadData(this.device.gpu, dataset, normalisation));
    return { id };
  }

  async unload({ id }: DataRef): Promise<void> {
    for (const [key, evaluator] of this.#evaluators) {
      if (!key.startsWith(`${id} `)) continue;
      this.#evaluators.delete(key);
      evaluator.buffers.destroy();
    }
    this.#data.get(id)?.buffers.destroy();
    this.#data.delete(id);
  }

  async populate(spec: PopulationSpec, from?: PopulationState): Promise<Population> {
    return FusedPopulation.create(this, spec, from);
  }

  async evaluate(request: { architecture: Architecture; data: DataRef; indices: Uint32Array; points: Points; logits: boolean }): Promise<Evaluation> {
    const { architecture, data, indices, points, logits } = request;
    const rows = Array.from({ length: pointCount(points) }, () => indices);
    const source: Source = points.kind === 'list' ? points : { kind: 'plane', frame: [points.origin, points.u, points.v], coordinates: points.coordinates };
    return this.run(architecture, 'whole', data, source, rows, logits);
  }

  async squaredGradients({ architecture, data, indices, thetas, labels }: PointRequest & { labels: GradientLabels }): Promise<Float64Array[]> {
    refusePixels(architecture);
    return this.guarded(() => inErrorScopes(this.device.gpu, 'squared gradients', async () => {
      const curvature = new Curvature(this, netOf(architecture, 'whole'), this.held(data), labels, indices.length);
      try {
        const out: Float64Array[] = [];
        for (const theta of thetas) out.push(await curvature.run(theta, indices));
        return out;
      } finally {
        curvature.destroy();
      }
    }));
  }

  async features({ architecture, data, indices, thetas }: PointRequest): Promise<Float32Array[]> {
    refuseHeadless(architecture);
    const [from, to] = rangeOf(architecture, 'extractor');
    return (await this.run(architecture, 'extractor', data, { kind: 'list', thetas: thetas.map((theta) => theta.subarray(from, to)) }, thetas.map(() => indices), true)).logits!;
  }

  /** Evaluates a part of the network; for 'extractor' the logits are features and the totals mean nothing. */
  async run(architecture: Architecture, part: Part, data: DataRef, source: Source, rows: readonly Uint32Array[], logits: boolean): Promise<Evaluation> {
    checkMaps(architecture, this.held(data).dataset);
    const work = async () => this.#evaluator(architecture, part, data).run(source, rows, logits);
    // Errors are caught where kernels may be new; later only the device's own watch listens.
    const known = this.#evaluators.has(keyOf(architecture, part, data));
    return this.guarded(() => (known ? work() : inErrorScopes(this.device.gpu, 'an evaluation', work)));
  }

  /** Rejects with the device's own sentence once it has failed, also while waiting for it. */
  async guarded<T>(work: () => Promise<T>): Promise<T> {
    const { device } = this;
    let stop: () => void = () => undefined;
    const failed = new Promise<never>((_, reject) => {
      stop = device.whenFailed(reject);
    });
    try {
      return await Promise.race([failed, work()]);
    } finally {
      stop();
    }
  }

  held({ id }: DataRef): GpuData {
    const data = this.#data.get(id);
    if (!data) throw new LabError('data', 'The engine no longer holds this data set; run the stage again.');
    return data;
  }

  async dispose(): Promise<void> {
    for (const { buffers } of [...this.#evaluators.values(), ...this.#data.values()]) buffers.destroy();
    this.#evaluators.clear();
    this.#data.clear();
    this.device.close();
  }

  #evaluator(architecture: Architecture, part: Part, ref: DataRef): Evaluator {
    const key = keyOf(architecture, part, ref);
    const held = this.#evaluators.get(key);
    if (held) {
      this.#evaluators.delete(key);
      this.#evaluators.set(key, held);
      return held;
    }
    if (this.#evaluators.size >= MOST_EVALUATORS) {
      const [oldest, evaluator] = [...this.#evaluators][0]!;
      this.#evaluators.delete(oldest);
      evaluator.buffers.destroy();
    }
    const { tile, threads, budget, submit } = this.cut;
    const made = new Evaluator({ gpu: this.device.gpu, programs: this.programs, net: netOf(architecture, part), data: this.held(ref), tile, threads, budget, submit });
    this.#evaluators.set(key, made);
    return made;
  }
}

function keyOf({ name, widths, stem, input, classes, hidden, decoder }: Architecture, part: Part, { id }: DataRef): string {
  return `${id} ${part} ${JSON.stringify([name, widths, stem, input, classes, hidden?.outputs, decoder !== undefined])}`;
}
