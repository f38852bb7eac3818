/**
 * The engine by TensorFlow.js operations and automatic differentiation, on the current backend (webgpu, webgl or cpu;
 * wasm has no gradient of conv2d). It is the oracle for every other engine. Its methods run one after another, and a
 * failing device rejects what is pending.
 */
import { add, dispose, mul, tensor1d, type Tensor1D } from '@tensorflow/tfjs-core';
import { LabError } from '../../core/errors.ts';
import type { Dataset, Normalisation } from '../../data/dataset.ts';
import type { Architecture } from '../../model/architecture.ts';
import type { DataRef, Engine, EngineInfo, Evaluation, GradientLabels, PointRequest, Points, Population, PopulationSpec, PopulationState } from '../contract.ts';
import type { LoadedData } from '../input.ts';
import { checkMaps } from '../pixels.ts';
import { pointCount, refuseHeadless, refusePixels } from '../points.ts';
import { evaluateItems, type EvaluationItem } from './autodiff-evaluate.ts';
import { featuresAt, squaredGradientsAt } from './autodiff-points.ts';
import { AutodiffPopulation } from './autodiff-population.ts';
import { type Backing, NO_DEVICE } from './backing.ts';

export class AutodiffEngine implements Engine {
  readonly info: EngineInfo;
  readonly #backing: Backing;
  readonly #data = new Map<number, LoadedData>();
  readonly #populations = new Set<AutodiffPopulation>();
  /** Architectures whose evaluation has run inside error scopes once. */
  readonly #watched = new Set<string>();
  #nextId = 1;
  #last: Promise<unknown> = Promise.resolve();

  constructor(info: EngineInfo, backing: Backing = NO_DEVICE) {
    this.info = info;
    this.#backing = backing;
  }

  async load(dataset: Dataset, normalisation: Normalisation): Promise<DataRef> {
    const id = this.#nextId++;
    this.#data.set(id, { dataset, normalisation });
    return { id };
  }

  async unload(data: DataRef): Promise<void> {
    this.#data.delete(data.id);
  }

  async populate(spec: PopulationSpec, from?: PopulationState): Promise<Population> {
    const data = this.#loaded(spec.data);
    const population = await this.#alone(async () => new AutodiffPopulation(spec, data, this.#backing, from));
    this.#populations.add(population);
    return {
      chains: spec.chains.length,
      waves: 1,
      advance: (steps) => this.#alone(() => population.advance(steps)),
      evaluate: ({ data: ref, indices, items, logits }) => this.#evaluate(spec.architecture, ref, logits, () => items.map(({ chain, rows }): EvaluationItem => ({
        theta: () => population.theta(chain), rows: indices[rows]!,
      }))),
      parameters: (chains) => this.#alone(async () => {
        const thetas = chains.map((chain) => population.theta(chain));
        const values = await Promise.all(thetas.map((theta) => theta.data<'float32'>()));
        dispose(thetas);
        return values.map((theta) => theta.slice());
      }),
      save: () => this.#alone(() => population.save()),
      dispose: () => this.#release(population),
    };
  }

  /** A plane's points are formed on the device; a list's are uploaded one by one. */
  async evaluate(request: { architecture: Architecture; data: DataRef; indices: Uint32Array; points: Points; logits: boolean }): Promise<Evaluation> {
    const { architecture, data, indices, points, logits } = request;
    const axes = points.kind === 'plane' ? [points.origin, points.u, points.v] : [];
    const uploaded: Tensor1D[] = [];
    const thetaAt = (i: number): Tensor1D => {
      if (points.kind === 'list') return tensor1d(points.thetas[i]!);
      const [origin, u, v] = uploaded;
      return add(origin!, add(mul(u!, points.coordinates[2 * i]!), mul(v!, points.coordinates[2 * i + 1]!)));
    };
    try {
      return await this.#evaluate(architecture, data, logits, () => {
        for (const axis of axes) uploaded.push(tensor1d(axis));
        return Array.from({ length: pointCount(points) }, (_, i): EvaluationItem => ({ theta: () => thetaAt(i), rows: indices }));
      });
    } finally {
      dispose(uploaded);
    }
  }

  async squaredGradients({ data: ref, ...request }: PointRequest & { labels: GradientLabels }): Promise<Float64Array[]> {
    refusePixels(request.architecture);
    const data = this.#loaded(ref);
    return this.#alone(() => this.#backing.watched('squared gradients', () => squaredGradientsAt(data, request, this.#backing)));
  }

  async features({ data: ref, ...request }: PointRequest): Promise<Float32Array[]> {
    refuseHeadless(request.architecture);
    const data = this.#loaded(ref);
    return this.#alone(() => this.#backing.watched('features', () => featuresAt(data, request)));
  }

  async #evaluate(architecture: Architecture, ref: DataRef, logits: boolean, items: () => EvaluationItem[]): Promise<Evaluation> {
    const data = this.#loaded(ref);
    checkMaps(architecture, data.dataset);
    const key = JSON.stringify(architecture);
    return this.#alone(async () => {
      const evaluation = await evaluateItems(architecture, data, items(), logits, this.#backing, !this.#watched.has(key));
      this.#watched.add(key);
      return evaluation;
    });
  }

  /** Frees everything, the device included. */
  async dispose(): Promise<void> {
    await Promise.all([...this.#populations].map((population) => this.#release(population)));
    this.#data.clear();
    this.#backing.close();
  }

  async #release(population: AutodiffPopulation): Promise<void> {
    if (!this.#populations.delete(population)) return;
    const turn = this.#last.then(() => population.dispose());
    this.#last = turn.catch(() => {});
    await turn;
  }

  #loaded(ref: DataRef): LoadedData {
    const data = this.#data.get(ref.id);
    if (!data) throw new LabError('data', 'The engine no longer holds this data set; run the stage again.');
    return data;
  }

  /** Runs work after everything asked for before; rejects at once when the device fails meanwhile. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return new Promise((resolve, reject) => {
      const stop = this.#backing.whenFailed(reject);
      turn.then(resolve, reject).finally(stop);
    });
  }
}
