/**
 * The lab worker's state and its answers to the page: the engine, the desk of the visitor's data, what earlier runs
 * left in memory, an imported prior, and the run that is on. A fault changes nothing that was there before it.
 */
import { LabError } from '../core/errors.ts';
import type { Decode } from '../data/import/contract.ts';
import { previewDataset } from '../data/preview.ts';
import { loadSprite, type Sprite } from '../data/sprite.ts';
import type { Engine } from '../engine/contract.ts';
import { type Config, parseConfig } from '../experiment/config/config.ts';
import type { LabEvent } from '../experiment/events.ts';
import { createMemory } from '../experiment/memory.ts';
import { type Experiment, runExperiment } from '../experiment/runner.ts';
import type { CellKeep } from '../experiment/study/cell.ts';
import { runStudy } from '../experiment/study/study.ts';
import { chosenClasses, downstreamTask, fittingConfig, type Library, seedsOf, sourceTask } from '../experiment/tasks.ts';
import { parameterTable } from '../model/build.ts';
import type { Posterior } from '../posterior/posterior.ts';
import { summarise } from '../posterior/summary.ts';
import { decodePrior, encodePrior } from '../prior/file.ts';
import { listingOf, MOST_BYTES, readWeights, type WeightsFile } from '../prior/weights.ts';
import { Believer } from './believer.ts';
import { bundleOf, type Finished } from './bundler.ts';
import { Cutter } from './cutter.ts';
import { DataDesk } from './data-desk.ts';
import { Embedder } from './embedder.ts';
import { Gate } from './gate.ts';
import { Looker } from './looker.ts';
import type { Opened } from './open-engine.ts';
import type { BackendChoice, DataProgress, EngineChoice, RequestKind, Requests } from './protocol.ts';
import { RunDesk } from './run-desk.ts';
import { measureWeights, modelFile } from './take-away.ts';
import { Survival } from './survival.ts';
import { Turns } from './turns.ts';

type Handlers = { [K in RequestKind]: (body: Requests[K]['in']) => Promise<Requests[K]['out']> };

/** What a session needs of the world. */
export interface Surroundings {
  openEngine(choice: { backend: BackendChoice; engine: EngineChoice }, onFatal: (sentence: string) => void): Promise<Opened>;
  /** Bytes of a file under the page's address. */
  fetchBytes(url: string): Promise<Uint8Array>;
  /** Encoded images into pixels. */
  decode: Decode;
  post(event: LabEvent): void;
  postSettling(progress: DataProgress): void;
  userAgent: string;
  /** Where finished cells of studies are kept on this machine; absent: nowhere. */
  cells?: CellKeep;
}

/** Events that change what is drawn; a step ends on one. */
const PICTURES = new Set<LabEvent['kind']>(['source', 'posterior', 'embedding', 'race', 'arms', 'plane', 'lines', 'finished', 'study']);

export class Session {
  readonly #world: Surroundings;
  readonly #data: DataDesk;
  readonly #memory = createMemory();
  #choice: { backend: BackendChoice; engine: EngineChoice } = { backend: 'auto', engine: 'auto' };
  #base = '';
  #opened: Opened | null = null;
  /** Why the engine is gone, until it is opened again. */
  #lost: string | null = null;
  #sprite: Promise<Sprite> | null = null;
  #imported: Posterior | null = null;
  /** Where source training starts; and a file that was read and not decided on. */
  #weights: WeightsFile | null = null;
  #offered: WeightsFile | null = null;
  #gate: Gate | null = null;
  readonly #turns: Turns;
  readonly #cutter: Cutter;
  readonly #believer: Believer;
  readonly #embedder: Embedder;
  /** The last run that reached its posterior. */
  #reached: Experiment | null = null;
  /** The last run that came to its end. */
  #finished: Finished | null = null;
  readonly #looker = new Looker(() => this.#library());
  readonly #runs: RunDesk;
  readonly #survival: Survival;

  constructor(world: Surroundings, runs = new RunDesk(), survival = new Survival()) {
    this.#world = world;
    this.#runs = runs;
    this.#survival = survival;
    this.#data = new DataDesk(world.decode, world.postSettling);
    this.#turns = new Turns(world.post);
    this.#cutter = new Cutter(() => this.#memory, () => this.#opened?.engine, this.#turns);
    this.#embedder = new Embedder(() => this.#memory.embedding?.value ?? null, this.#turns);
    const reached = () => (this.#reached?.engine === this.#opened?.engine ? this.#reached : null);
    this.#believer = new Believer(reached, () => this.#cutter.studio(), this.#turns);
  }

  /** Rejects with LabError carrying one sentence. */
  answer<K extends RequestKind>(kind: K, body: Requests[K]['in']): Promise<Requests[K]['out']> {
    return this.#handlers[kind](body);
  }

  readonly #handlers: Handlers = {
    open: async ({ backend, engine: wanted = 'auto', base }) => {
      this.#refuseWhileRunning();
      await this.#turns.stop();
      this.#choice = { backend, engine: wanted };
      this.#base = base;
      await this.#close();
      const { engine, note } = await this.#engine();
      return { info: engine.info, note };
    },
    examineData: async (body) => this.#data.examine(body),
    redrawData: async (body) => this.#data.redraw(body),
    settleData: async (body) => this.#data.settle(body),
    cancelData: async () => {
      this.#data.cancel();
      return null;
    },
    keptData: async () => this.#data.kept(),
    useKept: async (body) => this.#data.useKept(body),
    removeKept: async (body) => {
      await this.#data.removeKept(body);
      return null;
    },
    forgetData: async (body) => {
      this.#data.forget(body);
      return null;
    },
    renameClasses: async (body) => this.#data.rename(body),
    preview: async ({ role, config }) => previewOf(role, parseConfig(config).config, this.#library()),
    wholePreview: async ({ role, config: given }) => {
      const { config } = parseConfig(given);
      return previewDataset(await chosenClasses(this.#library(), config[`${role}.data`], config[`${role}.classes`]), { seed: config.seed });
    },
    fitSizes: async ({ config }) => fittingConfig(parseConfig(config).config, this.#library()),
    lookAtData: async (body) => this.#looker.look(body),
    dataBlock: async (body) => this.#looker.block(body),
    findDuplicates: async (body) => this.#looker.duplicates(body),
    findSuspects: async () => this.#cut(() => this.#cutter.suspects()),
    drawPixels: async (body) => this.#cut(() => this.#cutter.pixels(body)),
    importPrior: async ({ bytes }) => {
      this.#refuseWhileRunning();
      const posterior = await decodePrior(bytes);
      this.#imported = posterior;
      return summarise(posterior, parameterTable(posterior.architecture).entries);
    },
    forgetPrior: async () => {
      this.#refuseWhileRunning();
      this.#imported = null;
      return null;
    },
    readWeights: async ({ blob, name }) => {
      this.#offered = await readBlob(blob, name);
      return listingOf(this.#offered);
    },
    useWeights: async () => {
      this.#refuseWhileRunning();
      this.#weights = this.#offered ?? this.#weights;
      this.#offered = null;
      return null;
    },
    forgetWeights: async () => {
      this.#refuseWhileRunning();
      this.#weights = null;
      return null;
    },
    exportPrior: async () => {
      return { bytes: await encodePrior(this.#posterior()) };
    },
    exportModel: async (body) => this.#cut(async () => {
      const bytes = await modelFile(this.#cutter.studio(), this.#turns, body);
      return bytes && { bytes };
    }),
    scoreWeights: async (body) => this.#cut(() => measureWeights(this.#cutter.studio(), this.#turns, body)),
    exportBundle: async (body) => {
      this.#refuseWhileRunning();
      return { bytes: await bundleOf({ ...body, posterior: this.#posterior(), finished: this.#finished, memory: this.#memory, library: this.#library() }) };
    },
    run: async ({ config, keep, goOn }) => this.#throughGate(async (gate) => {
      const asked = await this.#experiment(config);
      // What a visitor brought along is not kept, so neither is a run that stands on it.
      const survival = keep && !asked.imported && !asked.weights ? this.#survival : null;
      if (goOn !== undefined && !survival) throw new LabError('config', 'The run that was cut off learned its posterior itself, from a random start; leave the imported prior or the weights first, and then go on.');
      if (goOn !== undefined) await survival?.takeUp(goOn, asked.engine, this.#memory);
      const checkpoints = await survival?.begin(asked.config, parseConfig(config).preset, asked.engine) ?? null;
      const result = await this.#pull(gate, runExperiment({ ...asked, checkpoints }), async (event) => {
        if (event.kind === 'posterior') this.#reached = asked;
        if (event.kind === 'finished') this.#finished = { posterior: this.#posterior(), result: event.result };
        await survival?.see(event, this.#memory);
      });
      if (result) await survival?.finished();
      const posterior = this.#imported ?? this.#memory.source?.value.posterior ?? null;
      return { finished: result !== null, ...(result && keep ? await this.#runs.keep(result, keep.prior ? posterior : null) : { kept: null, unkept: null }) };
    }),
    study: async ({ config: given, cells }) => this.#throughGate(async (gate) => {
      const asked = await this.#experiment(given);
      const keep = this.#world.cells;
      const study = await this.#pull(gate, runStudy(asked, {
        read: async (key) => cells[key] ?? await keep?.read(key) ?? null,
        write: async (key, cell) => {
          this.#world.post({ kind: 'study-cell', key, cell });
          await keep?.write(key, cell);
        },
      }));
      return { finished: study !== null };
    }),
    pause: async () => this.#toGate((gate) => gate.pause()),
    resume: async () => this.#toGate((gate) => gate.resume()),
    step: async () => this.#toGate((gate) => gate.step()),
    cancel: async () => this.#toGate((gate) => gate.cancel()),
    cutPoints: async () => this.#cutter.points(),
    measurePlane: async (body) => this.#cut(() => this.#cutter.measurePlane(body)),
    measureLines: async (body) => this.#cut(() => this.#cutter.measureLines(body)),
    stopCut: async () => {
      await this.#turns.stop();
      return null;
    },
    truncatePrior: async (body) => this.#cutter.truncatePrior(body),
    samples: async (body) => this.#cut(() => this.#cutter.samples(body)),
    trails: async (body) => this.#cut(() => this.#cutter.trails(body)),
    checkSampler: async (body) => this.#cut(() => this.#cutter.checkSampler(body)),
    believe: async (body) => this.#cut(() => this.#believer.believe(body)),
    beliefLadder: async (body) => this.#cut(() => this.#believer.beliefLadder(body)),
    fields: async (body) => this.#cut(() => this.#believer.fields(body)),
    unfold: async (body) => this.#cut(() => this.#embedder.unfold(body)),
    embeddingTiles: async (body) => this.#embedder.tiles(body),
    inspect: async (body) => this.#cut(() => this.#cutter.inspect(body)),
    unfinishedRuns: async () => this.#survival.list(),
    dropUnfinished: async ({ id }) => {
      await this.#survival.drop(id);
      return null;
    },
    listRuns: async () => this.#runs.list(),
    openRun: async ({ id }) => this.#runs.open(id),
    changeRun: async (body) => this.#runs.change(body),
    removeRun: async ({ id }) => this.#runs.remove(id),
    restoreRun: async ({ id }) => this.#runs.restore(id),
    emptyRuns: async () => this.#runs.empty(),
    zipRun: async ({ id }) => this.#runs.zip(id),
    addRun: async ({ file }) => this.#runs.add(file),
  };

  /** Work that is asked for after a run; never beside one. */
  async #cut<T>(job: () => Promise<T>): Promise<T> {
    this.#refuseWhileRunning();
    try {
      return await job();
    } catch (error) {
      throw this.#lost === null ? error : new LabError('device', this.#lost);
    }
  }

  /** A run or a study, one at a time and instead of what is asked for after one. */
  async #throughGate<T>(job: (gate: Gate) => Promise<T>): Promise<T> {
    this.#refuseWhileRunning();
    const gate = new Gate();
    this.#gate = gate;
    try {
      await this.#turns.stop();
      return await job(gate);
    } finally {
      this.#gate = null;
    }
  }

  async #experiment(input: unknown): Promise<Experiment> {
    const { preset, config } = parseConfig(input);
    const { engine, note } = await this.#engine();
    return {
      config, preset, engine, library: this.#library(), imported: this.#imported, weights: this.#weights, memory: this.#memory,
      device: { note, userAgent: this.#world.userAgent },
    };
  }

  /** Pulls events through the gate and posts them; null when it was cancelled. */
  async #pull<T>(gate: Gate, experiment: AsyncGenerator<LabEvent, T>, hears?: (event: LabEvent) => Promise<void>): Promise<T | null> {
    try {
      for (;;) {
        if (!(await gate.pass())) return null;
        const step = await experiment.next();
        if (step.done) return step.value;
        await hears?.(step.value);
        this.#world.post(step.value);
        if (PICTURES.has(step.value.kind)) gate.pictureMoved();
      }
    } catch (error) {
      // What a lost device makes fail first is seldom the cause; the loss itself is.
      throw this.#lost === null ? error : new LabError('device', this.#lost);
    } finally {
      await experiment.return(undefined as never).catch(() => undefined);
    }
  }

  /** Imported, or learned last. Throws LabError('file') when there is none. */
  #posterior(): Posterior {
    const posterior = this.#imported ?? this.#memory.source?.value.posterior;
    if (!posterior) throw new LabError('file', 'There is no prior yet; run the source stage or import a prior file first.');
    return posterior;
  }

  /** The engine, opened when there is none: at the start and after a device was lost. */
  async #engine(): Promise<Opened> {
    if (this.#opened && this.#lost === null) return this.#opened;
    await this.#close();
    this.#lost = null;
    this.#opened = await this.#world.openEngine(this.#choice, (sentence) => {
      this.#lost ??= sentence;
    });
    return this.#opened;
  }

  async #close(): Promise<void> {
    const engine: Engine | undefined = this.#opened?.engine;
    this.#opened = null;
    // A lost engine may fail to close; it is gone either way.
    await engine?.dispose().catch(() => undefined);
  }

  /** Data at hand, as it is now: a run is not disturbed by what is added while it is on. */
  #library(): Library {
    return { sprite: () => this.#glyphs(), datasets: this.#data.datasets() };
  }

  #glyphs(): Promise<Sprite> {
    const { fetchBytes } = this.#world;
    const at = (name: string) => fetchBytes(new URL(`data/${name}`, this.#base).href);
    this.#sprite ??= Promise.all([at('glyphs.png'), at('glyphs.json')])
      .then(([png, index]) => loadSprite(png, JSON.parse(new TextDecoder().decode(index))))
      .catch((error: unknown) => {
        this.#sprite = null;
        throw error instanceof LabError ? error : new LabError('data', 'The built-in glyphs could not be loaded; check the connection and run again.', { cause: error });
      });
    return this.#sprite;
  }

  async #toGate(act: (gate: Gate) => void): Promise<null> {
    if (this.#gate) act(this.#gate);
    return null;
  }

  #refuseWhileRunning(): void {
    if (this.#gate) throw new LabError('config', 'An experiment is running; cancel it or wait for its end first.');
  }
}

/** Throws LabError('file') on a file that is too large, unreadable or no sound safetensors file. */
async function readBlob(blob: Blob, name: string): Promise<WeightsFile> {
  if (blob.size > MOST_BYTES) throw new LabError('file', `The file “${name}” has ${Math.round(blob.size / 2 ** 20)} MB, more than the ${MOST_BYTES / 2 ** 20} MB that weights may have here; choose the weights of a smaller network.`);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    throw new LabError('file', `The file “${name}” can no longer be read; choose it again.`, { cause });
  }
  return readWeights(bytes, name);
}

/** What an experiment with this config would learn on (`source`) or fine-tune on (`downstream`, its first seed's training images). */
async function previewOf(role: 'source' | 'downstream', config: Config, library: Library): Promise<Requests['preview']['out']> {
  if (role === 'source') {
    const { dataset, train, augmentation } = await sourceTask(config, library);
    return previewDataset(dataset, { rows: train, augmentation, seed: config.seed });
  }
  // Shown plain and shifted side by side, so the shift is left out of the task and drawn by the preview.
  const { dataset, splits } = await downstreamTask({ ...config, 'downstream.shift': 'none' }, library, seedsOf(config).slice(0, 1));
  const shift = { kind: config['downstream.shift'], severity: config['downstream.severity'] };
  return previewDataset(dataset, { rows: splits[0]!.train, shift, seed: config.seed });
}
