/**
 * The portable engine's WebAssembly path: typed arrays and 2-D products (see `layers.ts`), one thread. It is what a
 * visitor without a GPU gets, spread over workers by `worker/pool.ts`.
 */
import { LabError } from '../../core/errors.ts';
import type { Dataset, Normalisation } from '../../data/dataset.ts';
import type { Architecture } from '../../model/architecture.ts';
import { parameterTable } from '../../model/build.ts';
import type { DataRef, Engine, EngineInfo, Evaluation, GradientLabels, PointRequest, Points, Population, PopulationSpec } from '../contract.ts';
import { type LoadedData, readRows } from '../input.ts';
import { pointAt, pointCount, refuseHeadless } from '../points.ts';
import { crossEntropy, TypedNetwork } from './network.ts';
import { featuresOf, squaredGradientsOf } from './typed-points.ts';
import { TypedPopulation } from './typed-population.ts';

/** Rows evaluated at once: enough for an efficient product, small enough for the cache. */
const CHUNK = 64;

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

  async populate(spec: PopulationSpec): Promise<Population> {
    const population = new TypedPopulation(spec, this.#loaded(spec.data));
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
  readonly #labels = new Uint16Array(CHUNK);
  #chunks: Float32Array[] = [];
  #held: Uint32Array | null = null;

  constructor(architecture: Architecture, data: LoadedData) {
    this.#network = new TypedNetwork(architecture, 'whole', CHUNK);
    this.#data = data;
  }

  run(items: number, wantLogits: boolean, item: (i: number) => { theta: Float32Array; indices: Uint32Array }): Evaluation {
    const nll = new Float64Array(items);
    const accuracy = new Float64Array(items);
    const finite = new Uint8Array(items);
    const logits: Float32Array[] | null = wantLogits ? [] : null;
    for (let i = 0; i < items; i++) {
      const { theta, indices } = item(i);
      this.#read(indices);
      const out = wantLogits ? new Float32Array(indices.length * this.#network.outputs) : null;
      const loss = this.#one(theta, indices, out);
      const sound = loss.finite && allFinite(theta, theta.length);
      nll[i] = sound ? loss.nll : NaN;
      accuracy[i] = loss.accuracy;
      finite[i] = sound ? 1 : 0;
      if (logits && out) logits.push(out);
    }
    return { nll, accuracy, finite, logits };
  }

  #read(indices: Uint32Array): void {
    if (indices === this.#held) return;
    const { height, width, channels } = this.#data.dataset;
    this.#chunks = [];
    for (let from = 0; from < indices.length; from += CHUNK) {
      const count = Math.min(CHUNK, indices.length - from);
      const x = new Float32Array(count * height * width * channels);
      readRows(this.#data, indices, from, count, x);
      this.#chunks.push(x);
    }
    this.#held = indices;
  }

  #one(theta: Float32Array, indices: Uint32Array, out: Float32Array | null): { nll: number; accuracy: number; finite: boolean } {
    const classes = this.#network.outputs;
    let nll = 0;
    let accuracy = 0;
    let finite = true;
    this.#chunks.forEach((x, chunk) => {
      const from = chunk * CHUNK;
      const count = Math.min(CHUNK, indices.length - from);
      for (let i = 0; i < count; i++) this.#labels[i] = this.#data.dataset.labels[indices[from + i]!]!;
      const logits = this.#network.forward(theta, x, count);
      finite &&= allFinite(logits, count * classes);
      out?.set(logits.subarray(0, count * classes), from * classes);
      const loss = crossEntropy(logits, this.#labels, count, classes, null);
      nll += (loss.nll * count) / indices.length;
      accuracy += (loss.accuracy * count) / indices.length;
    });
    return { nll, accuracy, finite };
  }
}

/** Whether the first `count` values are; a dead unit can hide a non-finite weight from the logits, and those from the NLL. */
function allFinite(values: Float32Array, count: number): boolean {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i]! * 0;
  return sum === 0;
}
