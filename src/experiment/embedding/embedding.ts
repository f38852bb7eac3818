/**
 * Whether the source's embedding knows anything: features at the posterior mean beside those of a network that learned nothing, read by a
 * linear probe and by nearest neighbours, and how they lie on the unit sphere. Training rows of the source are fitted to; what is held out is
 * split into rows that choose the probe's penalty and rows that are tested.
 */
import { bootstrapMean } from '../../core/bootstrap.ts';
import { Stream } from '../../core/philox.ts';
import type { Interval } from '../../core/statistics.ts';
import type { DataRef, Engine } from '../../engine/contract.ts';
import { classPairs, type OverPairs, overPairs, pairDistances, pairInterval } from '../../measure/embedding.ts';
import { nearest, NEIGHBOURS, unitRows, vote } from '../../measure/knn.ts';
import { principalPlane } from '../../measure/pca.ts';
import { fitProbe } from '../../measure/probe.ts';
import { initialise } from '../../model/initialise.ts';
import { parameterTable } from '../../model/build.ts';
import type { Posterior } from '../../posterior/posterior.ts';
import type { LabEvent } from '../events.ts';
import { Pace } from '../pace.ts';
import { joined } from '../source/source.ts';
import type { SourceTask } from '../tasks.ts';
import { type Embedding, type Encoder, ENCODERS, type Figures, FIGURES } from './embedding-result.ts';
import { embeddingSentence } from './embedding-sentence.ts';
import { twoViews, viewedRows } from './views.ts';

export interface EmbeddingInput {
  engine: Engine;
  posterior: Posterior;
  task: SourceTask;
  /** `task.dataset` as the posterior's network sees it. */
  data: DataRef;
  /** Of the rows, the views and the random encoder. */
  seed: number;
  /** Training rows that are fitted to, at most; half as many are tested. */
  images: number;
}

/** What the map's other projection is made of: features of its rows [N, F] an encoder. */
export interface Material {
  dimensions: number;
  features: Record<Encoder, Float32Array>;
}

/** Rows of the test part compared in pairs, and shown on the map. */
const MOST_PAIRED = 500;
const MOST_MAPPED = 2000;
/** A step of the probe costs rows × classes × features: beyond this many the rows are fewer, but not fewer than the least. */
const MOST_WORK = 6e6;
const LEAST_ROWS = 200;
/** A classifier of more numbers than this is not fitted. */
const MOST_WEIGHTS = 40_000;
/** Of the probe between two events, ms. */
const STRETCH = 150;
/** Rows read or compared between two events. */
const BATCH = 250;

interface Rows {
  train: Uint32Array;
  chosen: Uint32Array;
  test: Uint32Array;
}

/** Seeded: a quarter of the held-out rows that are read, at least one, chooses; the others are tested. */
function rowsOf({ task, seed, images, posterior }: EmbeddingInput): Rows {
  const { head, classes } = posterior.architecture;
  const most = Math.min(images, Math.max(LEAST_ROWS, Math.floor(MOST_WORK / ((head?.inputs ?? 1) * classes))));
  const train = new Stream(seed, 'subset', 1).shuffle(task.train.slice()).slice(0, most);
  const held = new Stream(seed, 'subset', 2).shuffle(task.test.slice()).slice(0, Math.max(8, Math.ceil((most / 2) * (4 / 3))));
  const chosen = Math.max(1, Math.floor(held.length / 4));
  return { train, chosen: held.subarray(0, chosen), test: held.subarray(chosen) };
}

/** Yields progress. Throws LabError('config') for a network without a head. */
export async function* measureEmbedding(input: EmbeddingInput): AsyncGenerator<LabEvent, { embedding: Embedding; material: Material }> {
  const { engine, posterior, task, data, seed } = input;
  const { architecture, gaussian } = posterior;
  const { dataset } = task;
  const dimensions = architecture.head?.inputs ?? 0;
  const rows = rowsOf(input);
  const viewed = viewedRows(dataset, rows.test);
  const all = rows.train.length + rows.chosen.length + rows.test.length + 2 * viewed.length;
  const pace = new Pace('posterior', 2 * all, 'Reading the embedding');
  yield pace.progress();
  const d = parameterTable(architecture).extractor;
  const head = posterior.head ?? new Float32Array(parameterTable(architecture).head);
  const thetas = [joined(gaussian.mean, head), joined(initialise(architecture, seed).subarray(0, d), head)];
  const read = async function* (of: DataRef, indices: Uint32Array): AsyncGenerator<LabEvent, Float32Array[]> {
    const whole = thetas.map(() => new Float32Array(indices.length * dimensions));
    for (let from = 0; from < indices.length; from += BATCH) {
      const piece = indices.subarray(from, from + BATCH);
      const found = await pace.work(2 * piece.length, () => engine.features({ architecture, data: of, indices: piece, thetas }));
      found.forEach((one, e) => whole[e]!.set(one, from * dimensions));
      yield pace.progress();
    }
    return whole;
  };
  const train = yield* read(data, rows.train);
  const chosen = yield* read(data, rows.chosen);
  const test = yield* read(data, rows.test);
  let views: Float32Array[] | null = null;
  if (viewed.length > 0) {
    const baked = await engine.load(twoViews(dataset, viewed, task.augmentation, seed), posterior.normalisation);
    try {
      views = yield* read(baked, Uint32Array.from({ length: 2 * viewed.length }, (_, i) => i));
    } finally {
      await engine.unload(baked);
    }
  }
  const labelled = (indices: Uint32Array) => Uint16Array.from(indices, (row) => dataset.labels[row]!);
  const [trainLabels, chosenLabels, testLabels] = [labelled(rows.train), labelled(rows.chosen), labelled(rows.test)];
  const readings: Record<Encoder, Reading | null> = { source: null, random: null };
  for (const [e, encoder] of ENCODERS.entries()) {
    pace.label = encoder === 'source' ? 'Probing the embedding' : 'Probing a random encoder';
    yield pace.progress();
    readings[encoder] = yield* readingOf({
      train: train[e]!, trainLabels, chosen: chosen[e]!, chosenLabels, test: test[e]!, testLabels, views: views?.[e] ?? null, dimensions, classes: architecture.classes,
    }, pace);
  }
  const source = readings.source!;
  const random = readings.random!;
  // One stream a figure, the same for both encoders and their difference: resampled rows are paired too.
  const told = (a: Reading, b: Reading | null): Figures => {
    const of = (name: keyof Figures) => intervalOf(a[name], b && b[name], new Stream(seed, 'subset', 3, FIGURES.indexOf(name)));
    return { probe: of('probe'), knn: of('knn')!, viewAlignment: of('viewAlignment'), classAlignment: of('classAlignment'), spread: of('spread')!, uniformity: of('uniformity')! };
  };
  const mapped = test.map((one) => one.slice(0, MOST_MAPPED * dimensions));
  const found: Omit<Embedding, 'sentence'> = {
    dataset: dataset.name, classNames: [...dataset.classNames], dimensions,
    rows: { train: rows.train.length, chosen: rows.chosen.length, test: rows.test.length, pairs: Math.min(MOST_PAIRED, rows.test.length), views: viewed.length },
    neighbours: Math.min(NEIGHBOURS, rows.train.length),
    figures: { source: told(source, null), random: told(random, null) },
    difference: told(source, random),
    penalty: { source: source.penalty, random: random.penalty },
    map: {
      rows: rows.test.slice(0, MOST_MAPPED), labels: testLabels.slice(0, MOST_MAPPED),
      planes: { source: principalPlane(mapped[0]!, dimensions), random: principalPlane(mapped[1]!, dimensions) },
    },
  };
  return { embedding: { ...found, sentence: embeddingSentence(found) }, material: { dimensions, features: { source: mapped[0]!, random: mapped[1]! } } };
}

/** What intervals are made of: values a row or pair, or a function of all pairs; null where there is nothing to measure. */
type Values = Float64Array | OverPairs | null;

/** One encoder's answers, before they are summed up. */
type Reading = Record<keyof Figures, Values> & { penalty: Embedding['penalty'][Encoder] };

interface Sample {
  train: Float32Array;
  trainLabels: Uint16Array;
  chosen: Float32Array;
  chosenLabels: Uint16Array;
  test: Float32Array;
  testLabels: Uint16Array;
  views: Float32Array | null;
  dimensions: number;
  classes: number;
}

async function* readingOf({ train, trainLabels, chosen, chosenLabels, test, testLabels, views, dimensions, classes }: Sample, pace: Pace): AsyncGenerator<LabEvent, Reading> {
  const rightly = (answers: ArrayLike<number>) => Float64Array.from(answers, (answer, r) => Number(answer === testLabels[r]));
  let probe: { right: Float64Array; penalty: NonNullable<Reading['penalty']> } | null = null;
  if (classes * dimensions <= MOST_WEIGHTS) {
    const fit = fitProbe({ features: train, labels: trainLabels }, { features: chosen, labels: chosenLabels }, dimensions, classes);
    let since = performance.now();
    for (let step = fit.next(); ; step = fit.next()) {
      if (step.done) {
        probe = { right: rightly(step.value.answer(test)), penalty: { value: step.value.penalty, edge: step.value.edge } };
        break;
      }
      if (performance.now() - since < STRETCH) continue;
      yield pace.progress();
      since = performance.now();
    }
  }
  const [unitTrain, unitTest] = [unitRows(train, dimensions), unitRows(test, dimensions)];
  const answers = new Uint16Array(testLabels.length);
  for (let r = 0; r < answers.length; r++) {
    answers[r] = vote(nearest(unitTrain, unitTest, r * dimensions, dimensions, NEIGHBOURS), trainLabels, classes);
    if (r % BATCH === BATCH - 1) yield pace.progress();
  }
  const mates = classPairs(testLabels);
  const unitViews = views && unitRows(views, dimensions);
  return {
    probe: probe?.right ?? null, penalty: probe?.penalty ?? null, knn: rightly(answers),
    viewAlignment: unitViews && pairDistances(unitViews, dimensions, Uint32Array.from({ length: unitViews.length / dimensions }, (_, i) => i)),
    classAlignment: mates.length > 0 ? pairDistances(unitTest, dimensions, mates) : null,
    ...overPairs(unitTest.subarray(0, MOST_PAIRED * dimensions), dimensions),
  };
}

/** Of `a`, or of a − b on the same rows. */
function intervalOf(a: Values, b: Values, stream: Stream): Interval | null {
  if (a === null) return null;
  if (a instanceof Float64Array) return bootstrapMean(b instanceof Float64Array ? a.map((value, i) => value - b[i]!) : a, stream);
  return b === null || b instanceof Float64Array ? pairInterval(a) : pairInterval(a, b);
}
