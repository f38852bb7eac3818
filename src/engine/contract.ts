/**
 * The contract that every engine fulfils. All work is one pass over a population: `chains` parameter vectors of one
 * architecture, each with its own training indices, learning rate, prior and scale. Engines are deterministic
 * functions of (seed, step, chain). Parameters cross this boundary only when asked for by name (`parameters`).
 *
 * Training step of one chain (MAP by SGD, heavy ball, implicit prior step; DESIGN §5), on theta = (w, h), N training rows:
 *   g  = ∇ mean NLL of the batch, scaled so that its joint norm over (w, h) is at most `clip`
 *   y  = theta + momentum·(theta − theta_prev) − η·g
 *   w⁺ = y_w − c·(Σ + cI)⁻¹(y_w − mean),  c = η/N,  Σ = scale·(diag(variance) + FᵀF) + floor·I    (no prior: w⁺ = y_w)
 *   h⁺ = y_h / (1 + η·headStrength/N)
 *
 * A chain with a `sampler` draws from exp(−N·e/T) instead (SGHMC, Chen et al. 2014; SGLD, Welling & Teh 2011, at α = 1), e = mean NLL − (log p(w) + log p(h))/N:
 *   G  = g + (1/N)·(Σ⁻¹(w − mean), headStrength·h),  g the clipped batch gradient as above
 *   theta⁺ = theta + (1 − α)·(theta − theta_prev) − η·M∘G + √(2αηT·M/N)∘ξ,  ξ ~ N(0, I)
 *   M = 1, or preconditioned N·P/(1 + N·P) with P = scale·variance + floor on w and 1/headStrength on h (M = 1 where there is no prior)
 * ξ at step t: the normals of Stream(noiseSeed, 'sampler', t), coordinate j the j-th of them. No noise is added while the step lies in the first
 * `noiseFrom` of its cycle. The velocity is theta − theta_prev, so a chain that starts (or is thawed) starts at rest.
 *
 * η, and with it c and the K×K inverse, is held for blocks of 10 steps. Batches are drawn without replacement within
 * an epoch of the chain's indices by Stream(seed, 'batch'): chains with equal seed and equal n see the same rows.
 */
import type { Gaussian } from '../core/gaussian.ts';
import type { Schedule } from '../core/schedule.ts';
import type { Augmentation, Dataset, Normalisation } from '../data/dataset.ts';
import type { Views } from '../data/views.ts';
import type { Architecture } from '../model/architecture.ts';

/** A data set an engine holds; opaque to callers. */
export interface DataRef {
  readonly id: number;
}

export interface EngineInfo {
  engine: 'tfjs' | 'fused';
  backend: 'webgpu' | 'webgl' | 'wasm' | 'cpu';
  /** The GPU's own name, null off the GPU. */
  adapter: string | null;
  /** True for a software WebGPU adapter. */
  software: boolean;
  workers: number;
}

export interface SamplerSpec {
  /** α in (0, 1]: 1 is SGLD. */
  friction: number;
  /** T: 1 is the Bayes posterior; 0 adds no noise. */
  temperature: number;
  preconditioned: boolean;
  /** Share of each cycle of the schedule that goes by without noise, in [0, 1): 0 is none. */
  noiseFrom: number;
  noiseSeed: number;
}

export interface ChainSpec {
  /** Index into `starts`. */
  start: number;
  /** Batch order and augmentation. */
  seed: number;
  /** Rows of the data set this chain trains on; N = indices.length. */
  indices: Uint32Array;
  schedule: Schedule;
  /** Extractor held at its start (linear probe): its features are computed once when there is no augmentation. */
  frozen: boolean;
  /** Head held at its start: left out of the step and of the gradient's norm, whatever `headStrength`. Absent: it is trained. */
  frozenHead?: boolean;
  /** `gaussian` indexes `priors`; null: no prior on the extractor. */
  prior: { gaussian: number; scale: number; floor: number } | null;
  /** κ of the head prior N(0, I/κ), bias included; 0: none. */
  headStrength: number;
  /** null: MAP by the step above. A chain with a frozen part cannot sample. */
  sampler: SamplerSpec | null;
}

/**
 * What is minimised in place of the NLL of labels: a loss of two views of each of the batch's B images, of the network's outputs z [2B, P] (first views, then
 * second). N, the clip, priors and updates are as ever; `batch` counts images. Views take the place of augmentation, and nothing may be frozen.
 */
export type Objective = { views: Views } & (
  /** NT-Xent (Chen et al. 2020, equation 1): cross-entropy of each view's partner among the 2B − 1 others, logits cos(z_i, z_j)/temperature. */
  | { kind: 'nt-xent'; temperature: number }
  /** VICReg (Bardes et al. 2022, equations 1–6), mean squares of z − z′ at weight 1; `variance` and `covariance` weigh the other two terms. */
  | { kind: 'vicreg'; variance: number; covariance: number });

/**
 * A network for segmentation (`decoder` in its architecture) is trained on the data set's label maps. Loss of an image: the mean NLL of its pixels that are not
 * void; with class weights v their weighted mean, Σ v_c·NLL / Σ v_c (accuracy alike). A row is an image as ever: N counts images, and the batch's loss is the mean over
 * its images, of which one without a class anywhere adds nothing. (By image and not by batch, so that e is one fixed energy whatever rows meet in a batch.)
 */
export interface PopulationSpec {
  architecture: Architecture;
  data: DataRef;
  batch: number;
  augmentation: Augmentation | null;
  /** Absent: the mean NLL of the rows' labels. Evaluation reads labels whatever was trained. */
  objective?: Objective;
  /** v [classes] ≥ 0 of a segmentation network's training loss; absent: 1. Evaluation does not know them. */
  classWeights?: Float32Array;
  momentum: number;
  clip: number;
  /** Distinct starting points, each [D + H]. */
  starts: Float32Array[];
  /** Distinct Gaussians over w [D]. */
  priors: Gaussian[];
  chains: ChainSpec[];
}

/** Means over the steps of one `advance`, per chain [chains]. */
export interface Progress {
  /** Steps done since the population began. */
  step: number;
  /** The objective's loss, nats for labels and NT-Xent. */
  nll: Float32Array;
  /** Share of labels named right; under NT-Xent of views whose partner is the nearest; under VICReg 0. */
  accuracy: Float32Array;
  /** Step at which a chain became non-finite and was frozen (its parameters stay as they were before that step), −1 while sound. */
  divergedAt: Int32Array;
}

export interface Evaluation {
  /** Mean NLL, nats per row, one an item. Of segmentation: mean over the images that have a class anywhere of their pixels' mean; NaN where none has. */
  nll: Float64Array;
  /** Of segmentation: share of all pixels that are not void. */
  accuracy: Float64Array;
  /** 0 where parameters or logits were non-finite. */
  finite: Uint8Array;
  /** [rows, classes] an item, only when asked for; else null. Of segmentation [rows·H·W, classes]: ask for few rows at a time. */
  logits: Float32Array[] | null;
  /** Of segmentation, one an item; else null. */
  pixels: PixelCounts[] | null;
}

/** What the pixels of an item come to, void left out. Means nothing where the item is not finite. */
export interface PixelCounts {
  /** [classes, classes]: pixels, truth by row, answer by column. */
  confusion: Float64Array;
  /** [BINS, 3] by the probability of the answer (`core/bins.ts`): pixels, sum of that probability, pixels answered right. */
  bins: Float64Array;
}

/** Where the chains of a population stand: all that is needed to go on from there to the same parameters, bit for bit. */
export interface PopulationState {
  /** Steps done. */
  step: number;
  /** theta [D + H] of each chain, and what it was one step before. */
  theta: Float32Array[];
  previous: Float32Array[];
  /** [chains], as in `Progress`. */
  divergedAt: Int32Array;
}

export interface Population {
  readonly chains: number;
  /** Groups of chains that run one after another because not all fit on the device at once; 1 where all do. */
  readonly waves: number;
  /** Runs `steps` training steps on every chain. */
  advance(steps: number): Promise<Progress>;
  /** Evaluates chains of this population on rows of any data set of the engine, without augmentation. */
  evaluate(request: { data: DataRef; indices: Uint32Array[]; items: { chain: number; rows: number }[]; logits: boolean }): Promise<Evaluation>;
  /** theta [D + H] of each named chain. */
  parameters(chains: number[]): Promise<Float32Array[]>;
  /** For a checkpoint. */
  save(): Promise<PopulationState>;
  dispose(): Promise<void>;
}

/** Parameter vectors to evaluate: listed, or points origin + a·u + b·v formed by the engine (coordinates [P, 2]). */
export type Points =
  | { kind: 'list'; thetas: Float32Array[] }
  | { kind: 'plane'; origin: Float32Array; u: Float32Array; v: Float32Array; coordinates: Float32Array };

/** Parameter vectors, each [D + H] and finite, asked about on the same rows without augmentation. */
export interface PointRequest {
  architecture: Architecture;
  data: DataRef;
  indices: Uint32Array;
  thetas: Float32Array[];
}

/**
 * Whose labels the gradients are of. 'data': the rows' own (diagonal of the empirical Fisher). 'model': the expectation over the network's own
 * predictions, Σ_c p_c·(gradient at label c)², exactly: the diagonal of the Fisher, which is that of the generalised Gauss–Newton matrix (Martens 2020).
 */
export type GradientLabels = 'data' | 'model';

export interface Engine {
  readonly info: EngineInfo;
  load(dataset: Dataset, normalisation: Normalisation): Promise<DataRef>;
  unload(data: DataRef): Promise<void>;
  /** `from`: goes on where a population of the same spec was saved; absent, it begins. */
  populate(spec: PopulationSpec, from?: PopulationState): Promise<Population>;
  /** Every point on the same rows. */
  evaluate(request: { architecture: Architecture; data: DataRef; indices: Uint32Array; points: Points; logits: boolean }): Promise<Evaluation>;
  /** [D + H] a theta: Σ over rows of (∇ NLL of that row)², nats². Sums over parts of the rows add up to that of all. Throws LabError('config') for segmentation. */
  squaredGradients(request: PointRequest & { labels: GradientLabels }): Promise<Float64Array[]>;
  /** [rows, F] a theta: what its head reads. Throws LabError('config') for a network without a head, and for segmentation. */
  features(request: PointRequest): Promise<Float32Array[]>;
  dispose(): Promise<void>;
}
