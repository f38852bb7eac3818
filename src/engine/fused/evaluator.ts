/**
 * Evaluates parameter vectors on rows of a data set, some at a time: weights are packed from parameters that lie on the
 * GPU (a cohort's), are uploaded (a list) or are formed there (points of a plane). Totals are summed on the GPU and read
 * once a request; logits only when they are asked for.
 */
import type { Evaluation } from '../contract.ts';
import { emptyEvaluation, pixelAccuracy } from '../evaluation.ts';
import { Buffers, readBack } from './buffers.ts';
import type { GpuData } from './data.ts';
import { bytesPerChain, Forward, largestPerChain } from './forward.ts';
import type { Tile } from './kernels/conv-forward.ts';
import { evaluationLoss } from './kernels/loss.ts';
import { countWords, linesToTotals, pixelCounts, readCounts } from './kernels/pixel-loss.ts';
import { formPoints, pack } from './kernels/pack.ts';
import { strideOf } from './kernels/update.ts';
import { type Net, pad4 } from './net.ts';
import { type Dispatch, encode, type Programs, STEP_STRIDE, workgroups } from './program.ts';

/** Rows at a time: fewer where each has logits of all its pixels. */
const ROWS = 64;
const ROWS_OF_MAPS = 8;
/** Chunks of rows whose numbers are uploaded at once. */
const CHUNKS = 32;
const MOST_ITEMS = 64;
/** Bytes of logits read back at once, but for those of one item. */
const MOST_READ = 128 * 2 ** 20;

export interface EvaluatorOptions {
  gpu: GPUDevice;
  programs: Programs;
  net: Net;
  data: GpuData;
  tile: Tile;
  threads: number;
  /** Bytes of workspace. */
  budget: number;
  /** Row chunks in one submission: one on a software adapter, which would seem to hang. */
  submit: number;
}

/** Where the parameters of items come from. `theta` [·, S]: `picks` names the row of each item. */
export type Source =
  | { kind: 'buffer'; theta: GPUBuffer; picks: readonly number[] }
  | { kind: 'list'; thetas: readonly Float32Array[] }
  | { kind: 'plane'; frame: readonly [Float32Array, Float32Array, Float32Array]; coordinates: Float32Array };

export class Evaluator {
  readonly buffers: Buffers;
  readonly #options: EvaluatorOptions;
  readonly #items: number;
  readonly #rows: number;
  /** Logits' pixels of a row; 1 where it has one set of them. */
  readonly #pixels: number;
  readonly #forward: Forward;
  /** None for an extractor, whose outputs are features. */
  readonly #loss: Dispatch[];
  readonly #form: Dispatch;
  readonly #packOwn: Dispatch;
  readonly #packedIndex: GPUBuffer;
  readonly #theta: GPUBuffer;
  readonly #frame: GPUBuffer;
  readonly #coordinates: GPUBuffer;
  readonly #picks: GPUBuffer;
  readonly #totals: GPUBuffer;
  readonly #unsound: GPUBuffer;
  /** Of a network that labels pixels: confusion and bins of each item. */
  readonly #counts: GPUBuffer | null;

  constructor(options: EvaluatorOptions) {
    const { gpu, programs, net, data, tile, threads, budget } = options;
    this.#options = options;
    this.buffers = new Buffers(gpu);
    const rowsAtOnce = net.ofPixels ? ROWS_OF_MAPS : ROWS;
    this.#rows = rowsAtOnce;
    const { output } = net.nodes.at(-1)!;
    this.#pixels = net.ofPixels ? output.height * output.width : 1;
    this.#items = Math.max(1, Math.min(MOST_ITEMS, Math.floor(budget / bytesPerChain(net, rowsAtOnce, false)), Math.floor(gpu.limits.maxStorageBufferBindingSize / largestPerChain(net, rowsAtOnce))));
    const items = this.#items;
    const stride = strideOf(net);
    try {
      this.#forward = new Forward(programs, this.buffers, this.buffers, { net, data, tile, chains: items, groups: items, batch: rowsAtOnce, chunk: CHUNKS, warp: 'none', threads, training: false });
      this.#theta = this.buffers.storage('points', items * stride);
      this.#frame = this.buffers.storage('the plane', 3 * stride);
      this.#coordinates = this.buffers.storage('coordinates', items * 2);
      this.#picks = this.buffers.storage('picks', items);
      this.#totals = this.buffers.storage('totals', items * 4);
      this.#unsound = this.buffers.storage('unsound', items);
      this.#packedIndex = this.buffers.storage('packed index', net.parameters, net.packedIndex);
      const { dims, steps, rows, groups, result, packed } = this.#forward;
      this.#counts = net.ofPixels ? this.buffers.storage('counts', items * countWords(net.outputs)) : null;
      this.#loss = net.part === 'extractor' ? [] : [programs.dispatch(evaluationLoss(net.outputs, pad4(net.outputs)), [dims, steps, result, data.labels, rows, groups, this.#totals], workgroups(items))];
      if (this.#counts) {
        const shapes = { classes: net.outputs, output };
        const lines = this.buffers.storage('losses of lines', items * rowsAtOnce * output.height * 4);
        this.#loss = [
          programs.dispatch(pixelCounts(shapes), [dims, steps, result, data.maps!, rows, groups, lines, this.#counts], workgroups(rowsAtOnce * output.height, items)),
          programs.dispatch(linesToTotals(shapes), [dims, steps, lines, this.#totals], workgroups(items)),
        ];
      }
      this.#form = programs.dispatch(formPoints(net), [dims, this.#frame, this.#coordinates, this.#theta], workgroups(net.parameters, items));
      this.#packOwn = programs.dispatch(pack(net), [dims, this.#theta, this.#packedIndex, this.#picks, packed, this.#unsound], workgroups(net.parameters, items));
    } catch (error) {
      this.buffers.destroy();
      throw error;
    }
  }

  /** `rows[i]` is the list of item i, of any length. Logits are [rows, outputs] an item. */
  async run(source: Source, rows: readonly Uint32Array[], logits: boolean): Promise<Evaluation> {
    const count = rows.length;
    const whole = emptyEvaluation(count, { logits, pixels: this.#counts !== null });
    if (source.kind === 'plane') source.frame.forEach((vector, i) => this.buffers.write(this.#frame, vector, i * strideOf(this.#options.net) * 4));
    for (let from = 0; from < count;) {
      let to = from + 1;
      const most = logits ? Math.min(this.#items, Math.floor(MOST_READ / (rows[from]!.length * this.#pixels * pad4(this.#options.net.outputs) * 4))) : this.#items;
      while (to < count && to - from < most && rows[to]!.length === rows[from]!.length) to++;
      await this.#some(source, rows, from, to, whole);
      from = to;
    }
    return whole;
  }

  async #some(source: Source, rows: readonly Uint32Array[], from: number, to: number, whole: Evaluation): Promise<void> {
    const { gpu, net, submit } = this.#options;
    const items = to - from;
    const own = rows.slice(from, to);
    const lists = [...new Set(own)];
    const length = own[0]!.length;
    const chunks = Math.ceil(length / this.#rows);
    this.buffers.write(this.#forward.dims, Uint32Array.of(this.#rows, items, lists.length, 0));
    this.buffers.write(this.#forward.groups, Uint32Array.from(own, (list) => lists.indexOf(list)));
    this.buffers.write(this.#totals, new Float32Array(items * 4));
    this.buffers.write(this.#unsound, new Uint32Array(items));
    const words = this.#counts ? items * countWords(net.outputs) : 0;
    if (this.#counts) this.buffers.write(this.#counts, new Uint32Array(words));
    const before = this.#prepare(source, from, to);
    const chunk = this.#rows * this.#pixels * pad4(net.outputs);
    const bytes = items * chunk * 4;
    const wanted = whole.logits !== null;
    const once = new Buffers(gpu);
    try {
      // Totals, then which parameters were unsound, then counts of pixels, then logits chunk by chunk.
      const facts = items * 20 + words * 4;
      const staging = once.staging('results', facts + (wanted ? chunks * bytes : 0));
      for (let c = 0; c < chunks; c += CHUNKS) {
        const end = Math.min(chunks, c + CHUNKS);
        this.#upload(lists, length, c, end);
        for (let k = c; k < end; k += submit) {
          const encoder = gpu.createCommandEncoder();
          for (let i = k; i < Math.min(end, k + submit); i++) {
            const pass = encoder.beginComputePass();
            if (i === 0) encode(pass, before, [0], items);
            encode(pass, this.#forward.dispatches, [(i - c) * STEP_STRIDE], items);
            encode(pass, this.#loss, [(i - c) * STEP_STRIDE], items);
            pass.end();
            if (wanted) encoder.copyBufferToBuffer(this.#forward.result, 0, staging, facts + i * bytes, bytes);
          }
          if (k + submit >= chunks) {
            encoder.copyBufferToBuffer(this.#totals, 0, staging, 0, items * 16);
            encoder.copyBufferToBuffer(this.#unsound, 0, staging, items * 16, items * 4);
            if (this.#counts) encoder.copyBufferToBuffer(this.#counts, 0, staging, items * 20, words * 4);
          }
          gpu.queue.submit([encoder.finish()]);
        }
      }
      const read = new Float32Array(await readBack(staging, facts + (wanted ? chunks * bytes : 0)));
      for (let i = 0; i < items; i++) {
        // An unsound item's flag is the integer 1, a number that is tiny but not zero as a float.
        const sound = read[4 * i + 2] === 0 && read[items * 4 + i] === 0;
        whole.nll[from + i] = sound ? read[4 * i]! / (this.#counts ? read[4 * i + 1]! : length) : NaN;
        whole.accuracy[from + i] = read[4 * i + 1]! / length;
        whole.finite[from + i] = sound ? 1 : 0;
        whole.logits?.push(unpadded(read, facts / 4 + i * chunk, { distance: items * chunk, rows: this.#rows * this.#pixels, length: length * this.#pixels, outputs: net.outputs }));
        if (!whole.pixels) continue;
        const counts = readCounts(new Uint32Array(read.buffer, items * 20 + i * (words / items) * 4, words / items), net.outputs);
        whole.pixels.push(counts);
        whole.accuracy[from + i] = pixelAccuracy(counts);
      }
    } finally {
      once.destroy();
    }
  }

  /** What forms and packs the parameters of items [from, to). */
  #prepare(source: Source, from: number, to: number): Dispatch[] {
    const { programs, net } = this.#options;
    const stride = strideOf(net);
    switch (source.kind) {
      case 'buffer':
        this.buffers.write(this.#picks, Uint32Array.from(source.picks.slice(from, to)));
        return [programs.dispatch(pack(net), [this.#forward.dims, source.theta, this.#packedIndex, this.#picks, this.#forward.packed, this.#unsound], workgroups(net.parameters, this.#items))];
      case 'list': {
        for (let i = from; i < to; i++) this.buffers.write(this.#theta, source.thetas[i]!, (i - from) * stride * 4);
        this.buffers.write(this.#picks, Uint32Array.from({ length: to - from }, (_, i) => i));
        return [this.#packOwn];
      }
      case 'plane':
        this.buffers.write(this.#coordinates, source.coordinates.slice(2 * from, 2 * to));
        this.buffers.write(this.#picks, Uint32Array.from({ length: to - from }, (_, i) => i));
        return [this.#form, this.#packOwn];
      default: return source satisfies never;
    }
  }

  /** Rows of chunks [first, last) and how many of each count; the tail is filled up with the first row. */
  #upload(lists: readonly Uint32Array[], length: number, first: number, last: number): void {
    const size = this.#rows;
    const rows = new Uint32Array((last - first) * lists.length * size);
    const steps = new Uint32Array(((last - first) * STEP_STRIDE) / 4);
    for (let c = first; c < last; c++) {
      lists.forEach((list, g) => {
        const at = ((c - first) * lists.length + g) * size;
        for (let b = 0; b < size; b++) rows[at + b] = list[c * size + b] ?? list[0]!;
      });
      steps.set([c - first, 0, 0, Math.min(size, length - c * size)], ((c - first) * STEP_STRIDE) / 4);
    }
    this.buffers.write(this.#forward.rows, rows);
    this.buffers.write(this.#forward.steps, steps);
  }
}

/** Rows (or pixels) of one item from chunks `distance` apart, each [rows, pad4(outputs)] → [length, outputs]. */
function unpadded(read: Float32Array, at: number, { distance, rows, length, outputs }: { distance: number; rows: number; length: number; outputs: number }): Float32Array {
  const out = new Float32Array(length * outputs);
  for (let row = 0; row < length; row++) {
    const from = at + Math.floor(row / rows) * distance + (row % rows) * pad4(outputs);
    out.set(read.subarray(from, from + outputs), row * outputs);
  }
  return out;
}
