/**
 * From a config and a library of data sets to the two tasks of an experiment: what the posterior is learned on, and
 * what the arms are fine-tuned on, one split a seed. Everything follows from the config's base seed.
 */
import { LabError } from '../core/errors.ts';
import { DEFAULT_AUGMENTATION } from '../data/augment.ts';
import type { Augmentation, Dataset, Normalisation, Split } from '../data/dataset.ts';
import { DOWNSTREAM_CHARACTERS, glyphDownstream, glyphSource, SOURCE_CHARACTERS } from '../data/glyphs.ts';
import { chosenNormalisation, GLYPH_NORMALISATION } from '../data/normalise.ts';
import { sceneClasses, sceneDownstream } from '../data/scenes.ts';
import { shiftDataset } from '../data/shift.ts';
import { countsByPart, fittingSizes, holdOut, type SplitSizes, stratifiedSplit } from '../data/splits.ts';
import type { Sprite } from '../data/sprite.ts';
import { classesNamed, selectClasses } from '../data/subset.ts';
import { TOY_NORMALISATION, toyClasses, toyDownstream, toySource } from '../data/toy.ts';
import { refuseHead } from '../inference/laplace.ts';
import type { Architecture } from '../model/architecture.ts';
import { buildArchitecture, rebuiltFor } from '../model/build.ts';
import { segmentationOf } from '../model/segmentation.ts';
import { type Config, GLYPHS, isToy, onScenes, SCENES, TOY } from './config/config.ts';
import { type SettingKey, SETTINGS } from './config/settings.ts';

/** Names of data that are made here and need no file. */
export const BUILT_IN: readonly string[] = [GLYPHS, SCENES, TOY];

/** Data at hand: the glyph sheet, read when first asked for, and what the visitor added, by name. */
export interface Library {
  sprite(): Promise<Sprite>;
  datasets: ReadonlyMap<string, Dataset>;
}

export interface SourceTask {
  dataset: Dataset;
  train: Uint32Array;
  test: Uint32Array;
  /** Applied to training rows as they are read. */
  augmentation: Augmentation | null;
  normalisation: Normalisation;
}

export interface DownstreamTask {
  dataset: Dataset;
  seeds: number[];
  /** One a seed. */
  splits: Split[];
}

/** Seeds of the repetitions: the base seed and those after it (uint32). */
export function seedsOf(config: Config): number[] {
  return Array.from({ length: config.seeds }, (_, i) => (config.seed + i) >>> 0);
}

/** Source augmentation as the config asks for it; null when every range is trivial. */
export function augmentationOf(config: Config): Augmentation | null {
  const { 'source.rotation': rotation, 'source.shift': shift, 'source.shear': shear } = config;
  const scale: [number, number] = [config['source.scaleLow'], config['source.scaleHigh']];
  const trivial = rotation === 0 && shift === 0 && shear === 0 && scale[0] === 1 && scale[1] === 1;
  return trivial ? null : { rotation, scale, shift, shear };
}

/** Throws LabError naming an unknown data set or class, or a class too small to split. */
export async function sourceTask(config: Config, library: Library): Promise<SourceTask> {
  const augmentation = augmentationOf(config);
  const share = { testShare: config['source.testShare'], testCount: config['source.test'] };
  if (config['source.data'] === GLYPHS) {
    const characters = charactersOf(config['source.classes'], SOURCE_CHARACTERS);
    const made = await glyphSource(await library.sprite(), { characters, seed: config.seed, augmentation, ...share });
    return { ...made, augmentation, normalisation: GLYPH_NORMALISATION };
  }
  if (isToy(config, 'source')) {
    const made = await toySource({ shape: config['toy.shape'], noise: config['toy.noise'], seed: config.seed, train: config['toy.points'], test: config['source.test'] });
    return { ...made, augmentation: null, normalisation: TOY_NORMALISATION };
  }
  const dataset = await chosenClasses(library, config['source.data'], config['source.classes']);
  if (dataset.maps) throw new LabError('data', `${dataset.name} has a class at every pixel, and the source is learned from one label an image; choose other source data.`);
  const { train, test } = holdOut(dataset, config.seed, share);
  return { dataset, train, test, augmentation, normalisation: chosenNormalisation(config['source.normalisation'], dataset, train) };
}

/** Channels that scenes are made with: those of the source. */
function sourceChannels(config: Config, library: Library): number {
  return library.datasets.get(config['source.data'])?.channels ?? 1;
}

/** `seeds` defaults to the config's; `channels`: of scenes, where another network than the source's reads them. Throws LabError naming an unknown data set or class, or a class with too few images. */
export async function downstreamTask(config: Config, library: Library, seeds = seedsOf(config), channels = sourceChannels(config, library)): Promise<DownstreamTask> {
  const n = config['downstream.n'];
  const validation = config['downstream.validation'] || n;
  const test = config['downstream.test'];
  const shift = config['downstream.shift'];
  const severity = config['downstream.severity'];
  if (config['downstream.data'] === GLYPHS) {
    const characters = charactersOf(config['downstream.classes'], DOWNSTREAM_CHARACTERS);
    const made = await glyphDownstream(await library.sprite(), {
      characters, seeds, n, validation, test, shift, severity, validationFaces: config['downstream.validationFaces'], augmentation: DEFAULT_AUGMENTATION,
    });
    return { ...made, seeds };
  }
  if (onScenes(config)) {
    const made = await sceneDownstream(await library.sprite(), {
      characters: charactersOf(config['downstream.classes'], ''), seeds, n, validation, test, shift, severity, validationFaces: config['downstream.validationFaces'],
      size: config['scenes.size'], objects: config['scenes.objects'], difficulty: config['scenes.difficulty'], channels: channels === 3 ? 3 : 1,
    });
    return { ...made, seeds };
  }
  if (isToy(config, 'downstream')) {
    const move = { rotation: config['toy.rotation'], shift: config['toy.shift'], stretch: config['toy.stretch'], extraNoise: config['toy.extraNoise'] };
    return { ...await toyDownstream({ shape: config['toy.shape'], noise: config['toy.noise'], move, seeds, n, validation, test }), seeds };
  }
  const dataset = await chosenClasses(library, config['downstream.data'], config['downstream.classes']);
  const splits = seeds.map((seed) => stratifiedSplit(dataset, seed, { train: n, validation, test }, config['downstream.split']));
  return { dataset: await shiftDataset(dataset, shift, severity, config.seed), seeds, splits };
}

/** Downstream sizes that the visitor's data have room for, where those of the config are too large; null where they fit or nothing would. Throws like `downstreamTask`. */
export async function fittingConfig(config: Config, library: Library): Promise<Pick<Config, 'downstream.n' | 'downstream.validation' | 'downstream.test'> | null> {
  const found = await fittingIn(config, library);
  if (!found) return null;
  const { fitting, sizes } = found;
  if (!fitting || JSON.stringify(fitting) === JSON.stringify(sizes) || fitting.test < SETTINGS['downstream.test'].min) return null;
  const validation = config['downstream.validation'];
  return { 'downstream.n': fitting.train, 'downstream.validation': fitting.validation === fitting.train ? Math.min(validation, fitting.validation) : fitting.validation, 'downstream.test': fitting.test };
}

/** Whether the data have room for the sizes asked for; data that are made here always have. */
export async function fits(config: Config, library: Library): Promise<boolean> {
  const found = await fittingIn(config, library);
  return !found || JSON.stringify(found.fitting) === JSON.stringify(found.sizes);
}

async function fittingIn(config: Config, library: Library): Promise<{ sizes: SplitSizes; fitting: SplitSizes | null } | null> {
  if (BUILT_IN.includes(config['downstream.data'])) return null;
  const dataset = await chosenClasses(library, config['downstream.data'], config['downstream.classes']);
  const n = config['downstream.n'];
  const sizes = { train: n, validation: config['downstream.validation'] || n, test: config['downstream.test'] };
  return { sizes, fitting: fittingSizes(dataset, config.seed, sizes, config['downstream.split']) };
}

/** Throws LabError('data') when the downstream images do not fit the network of the source, or of an imported posterior: found before anything is trained. */
export async function checkFit(config: Config, library: Library, imported: Architecture | null): Promise<void> {
  const network = imported ?? sourceArchitecture(config, await imagesOf(config, library, 'source'));
  const images = await imagesOf(config, library, 'downstream', network.input.channels);
  if (images.maps) refuseForMaps(config);
  const { head } = downstreamArchitecture(network, images);
  // Classes may be left out later: the head has those that were named, or all.
  const classes = config['downstream.classes'].length || images.classNames.length;
  if (config['sampling.method'] === 'laplace-last-layer') refuseHead(head ? (head.inputs + 1) * classes : 0);
}

/** What is asked for and cannot be had where the class of every pixel is learned. */
function refuseForMaps(config: Config): void {
  const refused: [boolean, string][] = [
    [config['sampling.method'].startsWith('laplace'), 'Laplace posteriors need squared gradients, which are not there for segmentation; choose another method of inference'],
    [config['prior.scaling'] === 'evidence', 'The evidence needs squared gradients, which are not there for segmentation; set “λ by layer” to validation or single'],
    [config['robustness.images'] > 0, 'Damaged test images are for classification: a rotated image would need its label map rotated; set “Corrupted test images” to 0'],
    [config['predictive.draws'] > 0, 'What the priors believe is asked of whole images, not of pixels; set “Draws from each prior” to 0'],
  ];
  for (const [asked, sentence] of refused) if (asked) throw new LabError('config', `${sentence}.`);
}

/** `maps`: of segmentation, there or to be made. */
type Images = Pick<Dataset, 'name' | 'height' | 'width' | 'channels' | 'classNames'> & { maps?: Uint8Array | true };

async function imagesOf(config: Config, library: Library, role: 'source' | 'downstream', channels = 1): Promise<Images> {
  const name = config[`${role}.data`];
  if (name === SCENES) {
    const size = config['scenes.size'];
    return { name, height: size, width: size, channels: channels === 3 ? 3 : 1, classNames: sceneClasses(charactersOf(config['downstream.classes'], '')), maps: true };
  }
  if (name === TOY) return { name, height: 1, width: 1, channels: 2, classNames: toyClasses(config['toy.shape']) };
  if (name !== GLYPHS) return heldDataset(library, name);
  const { tile } = await library.sprite();
  return { name: GLYPHS, height: tile, width: tile, channels: 1, classNames: [...(role === 'source' ? SOURCE_CHARACTERS : DOWNSTREAM_CHARACTERS)] };
}

/** The source network for a data set. */
export function sourceArchitecture(config: Pick<Config, 'model.architecture' | 'model.widths' | 'model.stem'>, dataset: Omit<Images, 'name'>): Architecture {
  const { height, width, channels } = dataset;
  return buildArchitecture(config['model.architecture'], {
    widths: [...config['model.widths']], stem: config['model.stem'] === '2' ? 2 : 1, input: { height, width, channels }, classes: dataset.classNames.length,
  });
}

/**
 * The posterior's extractor with a head for the downstream classes. Throws LabError when the images do not fit it:
 * the channels must match; height and width only where no global pooling takes care of them. Where the data have label maps, a decoder takes the head's place.
 */
export function downstreamArchitecture(source: Architecture, dataset: Images): Architecture {
  const { height, width, channels, name } = dataset;
  if (channels !== source.input.channels) {
    throw new LabError('data', `The posterior was learned on images of ${source.input.channels} channel(s), but ${name} has ${channels}; choose downstream data that matches, or learn the posterior on data like it.`);
  }
  const pools = source.extractor.some((layer) => layer.kind === 'global-average-pool');
  if (!pools && (height !== source.input.height || width !== source.input.width)) {
    throw new LabError('data', `This network reads ${source.input.height}×${source.input.width} pixels, but ${name} has ${height}×${width}; use ConvNet-S, which takes any size, or data of the same size.`);
  }
  const network = rebuiltFor(source, { height, width, channels }, dataset.classNames.length);
  return dataset.maps ? segmentationOf(network, dataset.classNames.length) : network;
}

/** What identifies the data of a role beyond the config: a visitor's data set may be replaced under the same name. */
export function dataIdentity(config: Config, library: Library, role: 'source' | 'downstream'): string {
  const name = config[`${role}.data`];
  if (name === GLYPHS) return GLYPHS;
  if (name === TOY) return JSON.stringify([TOY, Object.entries(config).filter(([key]) => key.startsWith('toy.') && (role === 'downstream' || SETTINGS[key as SettingKey].stage === 'source'))]);
  if (name === SCENES) return JSON.stringify([SCENES, Object.entries(config).filter(([key]) => key.startsWith('scenes.')), sourceChannels(config, library)]);
  const dataset = library.datasets.get(name);
  return dataset ? JSON.stringify([dataset.sha256, dataset.count, dataset.classNames, countsByPart(dataset)]) : '';
}

function charactersOf(classes: readonly string[], all: string): string {
  const long = classes.find((name) => [...name].length !== 1);
  if (long !== undefined) throw new LabError('data', `The built-in glyphs have no class “${long}”; each of their classes is a single character.`);
  return classes.length === 0 ? all : classes.join('');
}

/** Added data with the classes that are chosen (none: all). Throws LabError('data') where there are no such data or classes. */
export async function chosenClasses(library: Library, name: string, classes: readonly string[]): Promise<Dataset> {
  const dataset = heldDataset(library, name);
  return selectClasses(dataset, classesNamed(dataset, classes));
}

function heldDataset(library: Library, name: string): Dataset {
  const dataset = library.datasets.get(name);
  if (dataset) return dataset;
  const known = [...BUILT_IN, ...library.datasets.keys()].join(', ');
  throw new LabError('data', `There is no data set “${name}”; add it first or choose one of: ${known}.`);
}
