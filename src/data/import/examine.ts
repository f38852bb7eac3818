/** What the page shows of data before they are used: sizes, channels and a sheet of examples from a sample, and choices to start from. */
import type { Choices, Examine, Find, Note, RawImage, Understanding } from './contract.ts';
import { answeredBy } from './answers.ts';
import { classColour } from '../class-colours.ts';
import { contentOf, fitInto, fitMapInto } from './fit.ts';
import { atLeastTwo } from './labels.ts';
import { fault } from './limits.ts';
import { leftOut } from './left-out.ts';
import { bytesBy, countIn } from './settle.ts';

const SAMPLE = 200;
const MAX_PROPOSED = 64;
const SHEET_ROWS = 10;
const SHEET_COLUMNS = 6;
/** Rows of images with label maps; under each stands a row of the maps. */
const MAP_ROWS = 3;
/** Larger images are kept reduced to this longest side: the sheet is small. */
const HELD_SIDE = 256;
/** A picture on the sheet at most. */
const MAX_TILE = 128;

interface Sample {
  /** height × width → how many. */
  sizes: Map<string, { height: number; width: number; count: number }>;
  channels: Understanding['channels'];
  notes: Note[];
  /** Of each class at most as many as the sheet shows. */
  shown: RawImage[][];
}

/** Samples read once; a changed choice draws from them again. */
const samples = new WeakMap<Find, Promise<Sample>>();

export const examine: Examine = async (given, { decode, taken, choices: chosen, signal }) => {
  const find = await answeredBy(given, chosen?.answers ?? {});
  let reading = samples.get(find);
  if (!reading) {
    reading = sampled(find, decode, signal);
    samples.set(find, reading);
    reading.catch(() => samples.delete(find));
  }
  const sample = await reading;
  const choices = { ...proposed(find, sample, taken), ...chosen };
  // Names typed for other classes (an answer changed them) would be put on the wrong ones.
  if (choices.classNames.length !== find.classNames.length) choices.classNames = namesProposed(find);
  const sizes = [...sample.sizes.values()].sort((a, b) => a.height * a.width - b.height * b.width);
  const [smallest, largest] = [sizes[0]!, sizes.at(-1)!];
  return {
    format: find.format, words: find.words, classNames: find.classNames, counts: find.counts, questions: find.questions,
    count: countIn(find), maps: find.maps ?? null,
    sizes: { uniform: sizes.length === 1, smallest: [smallest.height, smallest.width], largest: [largest.height, largest.width] },
    channels: sample.channels,
    notes: [...find.notes, ...sample.notes],
    choices,
    sheet: sheetOf(sample, choices, find.maps?.colours ?? null),
    bytes: bytesBy(find, choices),
  };
};

async function sampled(find: Find, decode: Parameters<Find['images']>[0]['decode'], signal?: AbortSignal): Promise<Sample> {
  const left = leftOut();
  const sample: Sample = { sizes: new Map(), channels: { grey: 0, colour: 0, alpha: 0 }, notes: [], shown: Array.from({ length: find.maps ? MAP_ROWS : find.classNames.length }, () => []) };
  for await (const image of find.images({ decode, most: SAMPLE, leaveOut: left.add, signal })) {
    const key = `${image.height},${image.width}`;
    const size = sample.sizes.get(key) ?? { height: image.height, width: image.width, count: 0 };
    size.count++;
    sample.sizes.set(key, size);
    sample.channels[contentOf(image)]++;
    // Images with label maps are of no class: they fill the rows one after the other.
    const row = image.map ? sample.shown.findIndex((list) => list.length < SHEET_COLUMNS) : image.label;
    const shown = sample.shown[row];
    if (shown && row < SHEET_ROWS && shown.length < SHEET_COLUMNS) shown.push(held(image));
  }
  sample.notes = left.notes().map((note) => ({ ...note, text: note.text.replace(' left out', ' left out of the sample') }));
  const [worst] = left.notes();
  if (sample.sizes.size === 0) throw fault(`No image of ${find.name} could be read${worst ? ` (${worst.examples[0]!}: ${worst.text.split(': ').at(-1)!.replace(/\.$/, '')})` : ''}.`);
  return sample;
}

function namesProposed({ classNames, maps }: Find): string[] {
  const names = classNames.map((name, i) => (maps?.void[i] ? '' : name));
  return names.filter((name) => name !== '').length < 2 ? [...classNames] : names;
}

function held(image: RawImage): RawImage {
  const scale = HELD_SIDE / Math.max(image.height, image.width);
  if (scale >= 1) return image;
  const size = { height: Math.max(1, Math.round(image.height * scale)), width: Math.max(1, Math.round(image.width * scale)) };
  const channels = image.channels < 3 ? 1 : 3;
  const pixels = new Uint8Array(size.height * size.width * channels);
  fitInto(image, { ...size, fit: 'stretch', channels }, pixels, 0);
  if (!image.map) return { ...image, ...size, channels, pixels };
  const labels = new Uint8Array(size.height * size.width);
  fitMapInto(image.map.labels, image, { ...size, fit: 'stretch' }, labels, 0);
  return { ...image, ...size, channels, pixels, map: { ...image.map, labels } };
}

/** The most common size, its longer side at most 64 pixels; grey when all that were read are. */
function proposed(find: Find, sample: Sample, taken: ReadonlySet<string>): Choices {
  atLeastTwo(find.classNames, find.name);
  const common = [...sample.sizes.values()].sort((a, b) => b.count - a.count || a.height * a.width - b.height * b.width)[0]!;
  const scale = Math.min(1, MAX_PROPOSED / Math.max(common.height, common.width));
  let name = find.name;
  for (let i = 2; taken.has(name); i++) name = `${find.name}-${i}`;
  return {
    name, height: Math.max(1, Math.round(common.height * scale)), width: Math.max(1, Math.round(common.width * scale)),
    fit: 'fit', channels: sample.channels.colour > 0 || sample.channels.alpha > 0 ? 3 : 1, classNames: namesProposed(find), limit: 0, answers: {},
  };
}

function sheetOf(sample: Sample, choices: Choices, colours: readonly string[] | null): Understanding['sheet'] {
  const mapped = sample.shown.some((list) => list.some(({ map }) => map));
  const across = mapped ? 2 : 1;
  const rows = across * Math.min(SHEET_ROWS, mapped ? Math.max(1, sample.shown.findLastIndex((list) => list.length > 0) + 1) : sample.shown.length);
  const { channels } = choices;
  const scale = Math.min(1, MAX_TILE / Math.max(choices.height, choices.width));
  const [height, width] = [choices.height, choices.width].map((side) => Math.max(1, Math.round(side * scale))) as [number, number];
  const sheet = { rows, columns: SHEET_COLUMNS, height: rows * height, width: SHEET_COLUMNS * width, rgba: new Uint8ClampedArray(4 * rows * height * SHEET_COLUMNS * width) };
  const tile = new Uint8Array(height * width * channels);
  const labels = new Uint8Array(height * width);
  const put = (row: number, column: number, colourAt: (pixel: number) => readonly [number, number, number]): void => {
    for (let i = 0; i < height * width; i++) {
      const to = 4 * ((row * height + Math.floor(i / width)) * sheet.width + column * width + (i % width));
      sheet.rgba.set(colourAt(i), to);
      sheet.rgba[to + 3] = 255;
    }
  };
  sample.shown.slice(0, rows / across).forEach((list, row) => list.forEach((image, column) => {
    fitInto(image, { height, width, fit: choices.fit, channels }, tile, 0);
    put(across * row, column, (i) => (channels === 3 ? [tile[3 * i]!, tile[3 * i + 1]!, tile[3 * i + 2]!] : [tile[i]!, tile[i]!, tile[i]!]));
    if (!image.map) return;
    fitMapInto(image.map.labels, image, { height, width, fit: choices.fit }, labels, 0);
    put(across * row + 1, column, (i) => classColour(labels[i]!, choices.classNames, colours));
  }));
  return sheet;
}
