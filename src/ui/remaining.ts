/**
 * About how long a whole run still takes. Stages tell their own time left; for those not begun the work is counted in
 * images passed through the network (a backward pass costs about two forward ones) and timed by what has run so far.
 */
import { SEVERITIES } from '../data/corrupt.ts';
import type { Config } from '../experiment/config/config.ts';
import { costOfRow, MOST_ROWS } from '../experiment/inference/curvature-rows.ts';
import { isGaussian, isSampler } from '../experiment/inference/methods.ts';
import { KEPT } from '../experiment/robustness/networks.ts';
import { TRAINING_COST } from '../experiment/pace.ts';
import { extraRunsOf, REFITS, SCALED_FAMILIES } from '../experiment/scaling/scaling-result.ts';
import { type Stage, STAGES } from '../experiment/config/settings.ts';
import { layerCount } from '../prior/layers.ts';
import type { Picture } from './reduce.ts';

/** Downstream classes, before the data are read. */
const CLASSES = 10;

/** Images through one chain, by stage. Source training is a chain a basin, so a single basin cannot be spread over `workers`. */
export function workOf(config: Config, workers: number): Record<Stage, number> {
  const arms = config.arms.length;
  const runs = arms * config['grid.scales'].length * config['grid.headStrengths'].length * config.seeds;
  const priors = config.arms.filter((arm) => !['scratch', 'none', 'probe'].includes(arm)).length;
  const points = config['surface.resolution'] ** 2 + config.seeds * Math.min(4, priors + 1) * config['surface.linePoints'];
  const spread = Math.max(1, Math.min(workers, runs));
  return {
    source: sourceSteps(config, workers) * config['source.batch'] * TRAINING_COST,
    posterior: (config['posterior.draws'] * config['source.test']) / spread,
    downstream: shiftWork(config, workers) + (runs * (config['inference.steps'] * config['inference.batch'] * TRAINING_COST + (config['downstream.validation'] || config['downstream.n']))) / spread,
    surface: (points * (config['surface.train'] + config['surface.test'])) / spread,
    inference: (samplingWork(config, priors) + robustnessWork(config, priors)) / spread,
    verdict: scalingWork(config) / spread,
  };
}

/** Steps one after another: basins run side by side as far as there are workers, after one trunk where they share it. */
function sourceSteps(config: Config, workers: number): number {
  const basins = config['posterior.basins'];
  const rounds = basins / Math.max(1, Math.min(workers, basins));
  return (config['posterior.basinStart'] === 'shared' ? 1 : rounds) * config['source.steps'] + rounds * config['posterior.steps'];
}

/** Of the arm shift-trajectory: its runs on the source. */
function shiftWork(config: Config, workers: number): number {
  if (!config.arms.includes('shift-trajectory')) return 0;
  const runs = config['shift.runs'];
  return (runs * config['shift.steps'] * config['source.batch'] * TRAINING_COST) / Math.max(1, Math.min(workers, runs));
}

/** One λ a layer: its extra runs and, by the evidence, the curvature before each. */
function scalingWork(config: Config): number {
  const method = config['prior.scaling'];
  if (method === 'single') return 0;
  const tracks = config.seeds * SCALED_FAMILIES.filter((family) => config.arms.includes(family)).length;
  const n = config['downstream.n'];
  const run = config['inference.steps'] * Math.min(n, config['inference.batch']) * TRAINING_COST + (config['downstream.validation'] || n);
  const layers = layerCount({ name: config['model.architecture'], widths: [...config['model.widths']] }, config['prior.covers']);
  const curvature = method === 'evidence' ? REFITS * Math.min(n, MOST_ROWS) * costOfRow(CLASSES) : 0;
  return tracks * (extraRunsOf(method, layers) * run + curvature);
}

/** Images of the inference stage: the ensemble, the samplers or SWAG, the curvature of every solution, and reading what is drawn. */
function samplingWork(config: Config, priors: number): number {
  const method = config['sampling.method'];
  if (method === 'map') return 0;
  const members = config.seeds * priors * config['sampling.chains'];
  const temperatures = config['sampling.temperatures'].length;
  const samplers = isSampler(method) ? members * temperatures : 0;
  const solutions = config.seeds * priors;
  const n = config['downstream.n'];
  const training = members * config['inference.steps'] * Math.min(n, config['inference.batch']) + samplers * config['sampling.steps'] * Math.min(n, config['sampling.batch']);
  const walking = method === 'swag' ? solutions * config['sampling.steps'] * Math.min(n, config['inference.batch']) : 0;
  const draws = isGaussian(method) ? solutions * temperatures * config['sampling.samples'] : 0;
  const curvature = solutions * Math.min(n, MOST_ROWS) * costOfRow(CLASSES);
  return TRAINING_COST * (training + walking) + samplers * config['sampling.samples'] * (2 * n + config['downstream.test']) + draws * (n + config['downstream.test']) + curvature;
}

/** Images of the robustness measure: every kept network on every damaged image. */
function robustnessWork(config: Config, priors: number): number {
  const method = config['sampling.method'];
  const ensemble = method === 'map' ? 0 : priors * config['sampling.chains'];
  const samples = isSampler(method) ? config['sampling.chains'] * config['sampling.samples'] : isGaussian(method) ? config['sampling.samples'] : 0;
  const averages = priors * config['sampling.temperatures'].length * Math.min(KEPT, samples);
  const networks = config.seeds * (config.arms.length + ensemble + averages);
  return networks * config['robustness.images'] * (1 + SEVERITIES.length * config['robustness.corruptions'].length + (config['robustness.outside'] === 'source' ? 1 : 0));
}

/** Seconds left of the run under way; null until a stage can tell its own. */
export function secondsLeft(picture: Picture, work: Record<Stage, number>): number | null {
  const current = STAGES.find((stage) => picture.stages[stage].state === 'running');
  const progress = current && picture.stages[current].progress;
  if (!current || !progress || progress.secondsLeft === null) return null;
  const ahead = work[current] * (1 - progress.done / Math.max(1, progress.total));
  if (!(ahead > 0)) return null;
  const later = STAGES.slice(STAGES.indexOf(current) + 1).filter((stage) => picture.stages[stage].state === 'waiting');
  return progress.secondsLeft * (1 + later.reduce((sum, stage) => sum + work[stage], 0) / ahead);
}

/** `40 s`, `2:10 min`, `1:05 h`. */
export function duration(seconds: number): string {
  if (seconds < 59.5) return `${Math.max(1, Math.round(seconds))} s`;
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.round(seconds) / 60;
  if (minutes < 60) return `${Math.floor(minutes)}:${two(Math.round(seconds) % 60)} min`;
  const rounded = Math.round(minutes);
  return `${Math.floor(rounded / 60)}:${two(rounded % 60)} h`;
}
