/**
 * The portable engine's WebAssembly path: typed arrays and 2-D products (see `layers.ts`), one thread. It is what a
 * visitor without a GPU gets, spread over workers by `worker/pool.ts`.
 */
import { LabError } from '../../core/errors.ts';
import type { Dataset, Normalisation } from '../../data/dataset.ts';
import type { Architecture } from '../../model/architecture.ts';
import { parameterTable } from '../../model/build.ts';
import type { DataRef, Engine, EngineInfo, Evaluation, GradientLabels, PixelCounts, PointRequest, Points, Population, PopulationSpec, PopulationState } from '../contract.ts';
import { type LoadedData, readRows } from '../input.ts';
import { emptyCounts, emptyEvaluation, pixelAccuracy } from '../evaluation.ts';
import { checkMaps, readMaps } from '../pixels.ts';
import { pointAt, pointCount, refuseHeadless, refusePixels } from '../points.ts';
import { crossEntropy, TypedNetwork } from './network.ts';
import { featuresOf, squaredGradientsOf } from './typed-points.ts';
import { TypedPopulation } from './typed-population.ts';

/** Rows evaluated at once: enough for an efficient product, small enough for the cache. Maps have so many pixels that fewer do. */
const CHUNK = 64;
const CHUNK_OF_MAPS = 8;

export class TypedEngine implements Engine {
  readonly info: EngineInfo;
  readonly #data = new Map<number, LoadedData>();
  #nextId = 1;

  constructor(info: EngineInfo) {
    this.info = info;
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
    const population = new TypedPopulation(spec, this.#loaded(spec.data), from);
    return {
      chains: spec.chains.length,
      waves: 1,
      advance: async (steps) => population.advance(steps),
      evaluate: async (request) => {
        const data = this.#loaded(request.data);
        const evaluator = new Evaluator(spec.architecture, data);
        return evaluator.run(request.items.length, request.logits, (i) => {
          const item = request.items[i]!;
          return { theta: population.chains[item.chain]!.theta, indices: request.indices[item.rows]! };
        });
      },
      parameters: async (chains) => chains.map((chain) => population.chains[chain]!.theta.slice()),
      save: async () => population.save(),
      dispose: async () => {},
    };
  }

  async evaluate(request: { architecture: Architecture; data: DataRef; indices: Uint32Array; points: Points; logits: boolean }): Promise<Evaluation> {
    const { architecture, indices, points } = request;
    const evaluator = new Evaluator(architecture, this.#loaded(request.data));
    const theta = new Float32Array(parameterTable(architecture).total);
    return evaluator.run(pointCount(points), request.logits, (i) => ({ theta: pointAt(points, i, theta), indices }));
  }

  async squaredGradients({ data, ...request }: PointRequest & { labels: GradientLabels }): Promise<Float64Array[]> {
    refusePixels(request.architecture);
    return squaredGradientsOf(this.#loaded(data), request);
  }

  async features({ architecture, data, indices, thetas }: PointRequest): Promise<Float32Array[]> {
    refuseHeadless(architecture);
    return thetas.map((theta) => featuresOf(architecture, this.#loaded(data), theta, indices));
  }

  async dispose(): Promise<void> {
    this.#data.clear();
  }

  #loaded(ref: DataRef): LoadedData {
    const data = this.#data.get(ref.id);
    if (!data) throw new LabError('data', 'The engine no longer holds this data set; run the stage again.');
    return data;
  }
}

/** Evaluates parameter vectors on rows; inputs of consecutive items with the same rows are read once. */
class Evaluator {
  readonly #network: TypedNetwork;
  readonly #data: LoadedData;
  readonly #chunk: number;
  readonly #labels = new Uint16Array(CHUNK);
  /** [chunk, H·W] of a segmentation network; else empty. */
  readonly #maps: Uint8Array;
  #chunks: Float32Array[] = [];
  #held: Uint32Array | null = null;

  constructor(architecture: Architecture, data: LoadedData) {
    checkMaps(architecture, data.dataset);
    this.#chunk = architecture.decoder ? CHUNK_OF_MAPS : CHUNK;
    this.#network = new TypedNetwork(architecture, 'whole', this.#chunk);
    this.#maps = new Uint8Array(this.#chunk * (this.#network.task?.pixels ?? 0));
    this.#data = data;
  }

  run(items: number, wantLogits: boolean, item: (i: number) => { theta: Float32Array; indices: Uint32Array }): Evaluation {
    const { task, outputs } = this.#network;
    const whole = emptyEvaluation(items, { logits: wantLogits, pixels: task !== null });
    for (let i = 0; i < items; i++) {
      const { theta, indices } = item(i);
      this.#read(indices);
      const counts = task ? emptyCounts(outputs) : null;
      const out = wantLogits ? new Float32Array(indices.length * outputs * (task?.pixels ?? 1)) : null;
      const loss = this.#one(theta, indices, out, counts);
      const sound = loss.finite && allFinite(theta, theta.length);
      whole.nll[i] = sound ? loss.nll : NaN;
      whole.accuracy[i] = counts ? pixelAccuracy(counts) : loss.accuracy;
      whole.finite[i] = sound ? 1 : 0;
      if (out) whole.logits?.push(out);
      if (counts) whole.pixels?.push(counts);
    }
    return whole;
  }

  #read(indices: Uint32Array): void {
    if (indices === this.#held) return;
    const { height, width, channels } = this.#data.dataset;
    this.#chunks = [];
    for (let from = 0; from < indices.length; from += this.#chunk) {
      const count = Math.min(this.#chunk, indices.length - from);
      const x = new Float32Array(count * height * width * channels);
      readRows(this.#data, indices, from, count, x);
      this.#chunks.push(x);
    }
    this.#held = indices;
  }

  #one(theta: Float32Array, indices: Uint32Array, out: Float32Array | null, counts: PixelCounts | null): { nll: number; accuracy: number; finite: boolean } {
    const classes = this.#network.outputs;
    const numbers = classes * (this.#network.task?.pixels ?? 1);
    let nll = 0;
    let accuracy = 0;
    let images = 0;
    let finite = true;
    this.#chunks.forEach((x, chunk) => {
      const from = chunk * this.#chunk;
      const count = Math.min(this.#chunk, indices.length - from);
      const logits = this.#network.forward(theta, x, count);
      finite &&= allFinite(logits, count * numbers);
      out?.set(logits.subarray(0, count * numbers), from * numbers);
      if (counts) {
        readMaps(this.#data.dataset, indices, from, count, this.#maps);
        const loss = this.#network.pixelLoss(logits, this.#maps, count, counts);
        nll += loss.nll;
        images += loss.images;
        return;
      }
      for (let i = 0; i < count; i++) this.#labels[i] = this.#data.dataset.labels[indices[from + i]!]!;
      const loss = crossEntropy(logits, this.#labels, count, classes, null);
      nll += (loss.nll * count) / indices.length;
      accuracy += (loss.accuracy * count) / indices.length;
    });
    return { nll: counts ? nll / images : nll, accuracy, finite };
  }
}

/** Whether the first `count` values are; a dead unit can hide a non-finite weight from the logits, and those from the NLL. */
function allFinite(values: Float32Array, count: number): boolean {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i]! * 0;
  return sum === 0;
}
