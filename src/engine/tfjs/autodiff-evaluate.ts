/**
 * Evaluation on the device: fixed chunks of rows, metrics reduced there, one readback for a block of items. An item is
 * a parameter vector on some rows; consecutive items with the same rows share the uploaded chunks.
 */
import { all, argMax, cast, concat, concat1d, dispose, equal, isFinite, keep, logSoftmax, max, mul, reshape, softmax, stack, sum, type Tensor, type Tensor1D, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import type { Architecture } from '../../model/architecture.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Evaluation, PixelCounts } from '../contract.ts';
import { countPixel, emptyCounts, emptyEvaluation, pixelAccuracy } from '../evaluation.ts';
import type { LoadedData } from '../input.ts';
import { inverseArea, readMaps } from '../pixels.ts';
import { chunkFor, uploadImages, uploadLabels, uploadMaps } from './autodiff-batches.ts';
import { AutodiffNetwork } from './autodiff-network.ts';
import type { Labelled } from './autodiff-update.ts';
import type { Backing } from './backing.ts';

/** Items between two readbacks: enough to keep the device busy, few enough to notice a lost device soon. */
const BLOCK_ITEMS = 32;

/** Rows of a chunk whose every pixel has logits. */
const CHUNK_OF_MAPS = 16;

export interface EvaluationItem {
  /** theta [D + H], a new tensor; called inside a tidy. */
  theta: () => Tensor1D;
  rows: Uint32Array;
}

interface Rows extends Labelled {
  rows: Uint32Array;
  chunks: Tensor[];
}

export async function evaluateItems(
  architecture: Architecture, data: LoadedData, items: EvaluationItem[], wantLogits: boolean, backing: Backing, watch: boolean,
): Promise<Evaluation> {
  const network = new AutodiffNetwork(architecture, 'whole');
  const evaluation = emptyEvaluation(items.length, { logits: wantLogits, pixels: architecture.decoder !== undefined });
  let held: Rows | null = null;
  try {
    for (let from = 0; from < items.length; from += BLOCK_ITEMS) {
      if (backing.failure) throw backing.failure;
      const block = items.slice(from, from + BLOCK_ITEMS);
      const run = async (): Promise<Reduced[]> => block.map((item) => {
        if (held?.rows !== item.rows) {
          if (held) freeRows(held);
          held = uploadRows(network, data, item.rows, backing, evaluation.pixels !== null);
        }
        return reduced(network, item, held, wantLogits);
      });
      const found = watch && from === 0 ? await backing.watched('the first evaluation', run) : await run();
      await readBlock(found, block, network, data.dataset, from, evaluation);
    }
  } finally {
    if (held) freeRows(held);
  }
  return evaluation;
}

function uploadRows(network: AutodiffNetwork, data: LoadedData, rows: Uint32Array, backing: Backing, ofPixels: boolean): Rows {
  const chunk = chunkFor(rows.length, ofPixels ? CHUNK_OF_MAPS : undefined);
  const padded = Math.ceil(rows.length / chunk) * chunk;
  backing.check([
    { what: 'the activations of an evaluation', bytes: 4 * chunk * network.largest },
    { what: 'the logits of an evaluation', bytes: 4 * padded * network.pixels * network.outputs },
  ]);
  const chunks: Tensor[] = [];
  for (let from = 0; from < rows.length; from += chunk) chunks.push(uploadImages(data, rows, from, Math.min(chunk, rows.length - from), chunk));
  if (!ofPixels) return { rows, chunks, ...uploadLabels(data, rows, padded, network.outputs, rows.length) };
  const { maps } = data.dataset;
  const images = rows.filter((row) => inverseArea(maps!.subarray(row * network.pixels, (row + 1) * network.pixels), network.outputs, null) > 0).length;
  return { rows, chunks, ...uploadMaps(data, rows, padded, network.outputs, images, null) };
}

function freeRows({ chunks, targets, labels }: Rows): void {
  dispose([...chunks, targets, labels]);
}

/** row [3] = NLL, correct rows, all finite; logits [padded rows, classes]; of pixels the answer and its probability, [2, padded rows]. */
type Reduced = { row: Tensor1D; logits: Tensor2D | undefined; answers: Tensor | undefined };

function reduced(network: AutodiffNetwork, item: EvaluationItem, { chunks, targets, labels }: Rows, wantLogits: boolean): Reduced {
  return tidy(() => {
    const theta = item.theta();
    const bound = network.bind(theta);
    const parts = chunks.map((x) => tidy(() => network.apply(bound, x)));
    const logits: Tensor2D = parts.length === 1 ? parts[0]! : concat(parts, 0);
    const nll = sum(mul(targets, logSoftmax(logits)));
    const correct = sum(cast(equal(argMax(logits, 1), labels), 'float32'));
    const finite = cast(all(isFinite(concat1d([theta, reshape(logits, [logits.size])]))), 'float32');
    const row: Tensor1D = reshape(stack([nll, correct, finite]), [3]);
    const answers = network.pixels > 1 ? keep(stack([cast(argMax(logits, 1), 'float32'), max(softmax(logits), 1)])) : undefined;
    return { row: keep(row), logits: wantLogits ? keep(logits) : undefined, answers };
  });
}

async function readBlock(found: Reduced[], block: EvaluationItem[], { outputs, pixels }: AutodiffNetwork, dataset: Dataset, from: number, into: Evaluation): Promise<void> {
  const rows = tidy(() => stack(found.map(({ row }) => row)));
  const read = async (tensors: (Tensor | undefined)[]) => Promise.all(tensors.map((one) => one?.data<'float32'>()));
  const [values, logits, answers] = await Promise.all([rows.data<'float32'>(), read(found.map((one) => one.logits)), read(found.map((one) => one.answers))]);
  dispose([rows, ...found.flatMap((one) => [one.row, one.logits, one.answers].filter((tensor) => tensor !== undefined))]);
  block.forEach((item, i) => {
    const sound = values[3 * i + 2] === 1;
    // A non-finite chain's NLL is whatever the backend makes of it; NaN says so everywhere.
    into.nll[from + i] = sound ? values[3 * i]! : NaN;
    into.accuracy[from + i] = values[3 * i + 1]! / item.rows.length;
    into.finite[from + i] = sound ? 1 : 0;
    const own = logits[i];
    if (own) into.logits?.push(own.slice(0, item.rows.length * pixels * outputs));
    const answered = answers[i];
    if (!into.pixels || !answered) return;
    const counts = countsOf(dataset, item.rows, pixels, outputs, answered);
    into.pixels.push(counts);
    into.accuracy[from + i] = pixelAccuracy(counts);
  });
}

/** `answered` [2, padded pixels]: the answer to each pixel and its probability. */
function countsOf(dataset: Dataset, rows: Uint32Array, pixels: number, classes: number, answered: Float32Array): PixelCounts {
  const counts = emptyCounts(classes);
  const map = new Uint8Array(pixels);
  for (let row = 0; row < rows.length; row++) {
    readMaps(dataset, rows, row, 1, map);
    for (let p = 0; p < pixels; p++) {
      const at = row * pixels + p;
      if (map[p]! < classes) countPixel(counts, map[p]!, answered[at]!, answered[answered.length / 2 + at]!, classes);
    }
  }
  return counts;
}
