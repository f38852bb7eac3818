/**
 * Images with label maps: the class of every pixel. Classes are the values that occur in a sample of the maps, evenly taken; a value that turns up only
 * later becomes void and is counted. Maps stay as they are read until they are settled: class numbers of the Find, VOID where there is none.
 */
import { LabError } from '../../core/errors.ts';
import { VOID } from '../dataset.ts';
import type { Find, Given, Note, Part, RawImage } from './contract.ts';
import { decoded, isImagePath } from './folder.ts';
import { whole } from './given.ts';
import { type LabelMap, readLabelMap } from './label-map.ts';
import { countsOf, partWords } from './labels.ts';
import { fault, MAX_IMAGE_BYTES, mib } from './limits.ts';
import { classesOf, type MapClasses, MOST_MAP_CLASSES, namesAmong, type Tally, tallyOf, valueAs } from './map-classes.ts';
import type { Pair, Paired } from './map-pairs.ts';
import { counted, ending } from './paths.ts';

/** Maps read to learn which classes there are, and their pixels in all. */
const SAMPLE = 250;
const SAMPLE_PIXELS = 2 ** 27;

/** Throws LabError('data'). `files`: everything that was given. */
export async function findMaps(files: readonly Given[], { pairs: all, wrapper, images, maps }: Paired, name: string | null, wrapped = ''): Promise<Find> {
  const notes: Note[] = [];
  const note = (given: readonly Given[], words: (count: number) => string): void => {
    if (given.length > 0) notes.push({ text: words(given.length), count: given.length, examples: given.slice(0, 5).map(({ path }) => path) });
  };
  note(images, (count) => `${counted(count, 'image was', 'images were')} left out: without a label map of the same name.`);
  note(maps, (count) => `${counted(count, 'label map was', 'label maps were')} left out: without an image of the same name.`);
  const [lossy, saved] = split(all, ({ map }) => ending(map.path) !== 'png');
  note(lossy.map(({ map }) => map), (count) => `${counted(count, 'label map was', 'label maps were')} left out: not PNG, the only format here in which labels keep their values.`);
  const [large, pairs] = split(saved, ({ image, map }) => image.size > MAX_IMAGE_BYTES || map.size > MAX_IMAGE_BYTES);
  note(large.map(({ image }) => image), (count) => `${counted(count, 'image was', 'images were')} left out: larger than ${mib(MAX_IMAGE_BYTES)}, or its label map is.`);
  if (pairs.length === 0) throw fault(`None of the ${counted(all.length, 'image')} with label maps can be used: ${lossy.length > 0 ? 'their maps are not PNG, the only format here in which labels keep their values' : 'the files are too large'}.`);
  if (pairs.some(({ image, map }) => image.sequential || map.sequential)) {
    throw fault('Images with label maps cannot be read out of a compressed tar, in which a pair lies far apart; unpack it, or give a zip.');
  }
  const title = name ?? wrapper ?? 'images with label maps';
  const classes = classesOf(await sampled(pairs), await namesAmong(files.filter(({ path }) => !isImagePath(path))), title);
  if (classes.values.length > MOST_MAP_CLASSES) {
    throw fault(`The label maps of ${title} hold ${classes.values.length.toLocaleString('en')} different ${classes.by}s, more than the ${MOST_MAP_CLASSES} that can be classes; are they photographs, or were they resized smoothly?`);
  }
  return build(pairs, classes, { title, notes, wrapped });
}

function build(pairs: readonly Pair[], classes: MapClasses, { title, notes, wrapped }: { title: string; notes: Note[]; wrapped: string }): Find {
  const { byPart } = countsOf(new Uint16Array(pairs.length), 1, pairs.map(({ part }) => part));
  const amount = counted(pairs.length, 'image');
  const find: Find = {
    format: 'maps', name: title,
    words: `${wrapped}${amount} with a label map each, ${counted(classes.values.length, classes.by === 'colour' ? 'colour' : 'number')} in them${partWords({ byClass: [], byPart })}.`,
    classNames: classes.names, counts: { byClass: classes.names.map(() => 0), byPart }, notes, questions: [], licence: '',
    maps: { count: pairs.length, shares: classes.shares, colours: classes.colours, void: classes.void },
    answered: () => Promise.resolve(find),
    async *images({ decode, most = 0, leaveOut, signal }) {
      const index = new Map(classes.values.map((value, i) => [value, i]));
      for (const [i, { image, map, part }] of pairs.entries()) {
        if (most > 0 && Math.floor(((i + 1) * Math.min(most, pairs.length)) / pairs.length) === Math.floor((i * Math.min(most, pairs.length)) / pairs.length)) continue;
        signal?.throwIfAborted();
        const raw = await decoded(image.path, () => whole(image), decode, leaveOut);
        const both = raw && await withMap(raw, map, part, classes.by, index, leaveOut);
        if (both) yield both;
      }
    },
  };
  return find;
}

/** The image with its map, or null where the map is faulty: both are left out, with the reason. */
async function withMap(
  raw: Omit<RawImage, 'label' | 'part'>, map: Given, part: Part | null, by: MapClasses['by'], index: ReadonlyMap<number, number>, leaveOut: (name: string, reason: string) => void,
): Promise<RawImage | null> {
  const read = await readable(map);
  if (read?.height !== raw.height || read.width !== raw.width) {
    leaveOut(map.path, read ? 'its label map is of another size than the image' : 'its label map is damaged, or not a PNG');
    return null;
  }
  const { kind, palette, values } = read;
  const known = new Map<number, number>();
  let unknown = 0;
  const labels = Uint8Array.from(values, (value) => {
    let label = known.get(value);
    if (label === undefined) known.set(value, (label = index.get(valueAs(by, kind, palette, value)) ?? VOID));
    if (label === VOID) unknown++;
    return label;
  });
  return { ...raw, label: 0, part, map: { labels, unknown: unknown > 0 ? { name: map.path, pixels: unknown } : null } };
}

async function readable(map: Given): Promise<LabelMap | null> {
  try {
    return await readLabelMap(await whole(map));
  } catch (error) {
    // A file that is gone is not a damaged map.
    if (error instanceof LabError && error.kind !== 'data') throw error;
    return null;
  }
}

/** Tallies of maps evenly taken; those that cannot be read are told of when images are. */
async function sampled(pairs: readonly Pair[]): Promise<Tally[]> {
  const tallies: Tally[] = [];
  const amount = Math.min(SAMPLE, pairs.length);
  let pixels = 0;
  for (let i = 0; i < amount && pixels < SAMPLE_PIXELS; i++) {
    // In leaps: a sample cut short is spread over all just the same.
    const map = await readable(pairs[Math.floor((leap(i, amount) * pairs.length) / amount)]!.map);
    if (!map) continue;
    pixels += map.values.length;
    tallies.push(tallyOf(map));
  }
  if (tallies.length === 0) throw fault('None of the label maps could be read; they must be PNG with a class number, a palette index or a colour at every pixel.');
  return tallies;
}

/** A permutation of 0 … count − 1 in which any beginning is spread over all. */
function leap(i: number, count: number): number {
  let step = Math.ceil(Math.sqrt(count));
  while (gcd(step, count) !== 1) step++;
  return (i * step) % count;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

function split<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
