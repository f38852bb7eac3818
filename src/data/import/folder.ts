/**
 * Images in folders, one folder a class: `cat/1.png dog/2.png`, below `train/ val/ test/` or not, below one wrapping folder or not. The names of the folders
 * are the classes. Images are read in the order of their paths; inside an archive that can only be read from its beginning, in its order.
 */
import { LabError } from '../../core/errors.ts';
import type { Find, Given, Note, Part, RawImage } from './contract.ts';
import { whole } from './given.ts';
import { imageSize } from './image-size.ts';
import { atLeastTwo, chooser, countsOf, partWords } from './labels.ts';
import { fault, MAX_IMAGE_BYTES, MAX_PIXELS, MAX_SIDE, mib } from './limits.ts';
import { base, compareNames, counted, ending, partNamed } from './paths.ts';

const IMAGES = new Set(['png', 'jpg', 'jpeg', 'webp', 'bmp', 'gif', 'jfif', 'pjpeg']);
/** Image formats that browsers do not decode: named instead of silently passed over. */
const OTHER_IMAGES = new Set(['tif', 'tiff', 'heic', 'heif', 'ppm', 'pgm', 'jp2', 'dcm', 'raw', 'svg', 'psd']);

export const isImagePath = (path: string): boolean => IMAGES.has(ending(path));

interface Placed {
  given: Given;
  className: string;
  part: Part | null;
}

/** `files`: everything given, hidden files left out. `wrapped`: "A zip of", or ''. */
export function findFolder(files: readonly Given[], name: string | null, wrapped = ''): Find {
  const notes: Note[] = [];
  const images = files.filter(({ path }) => isImagePath(path));
  const others = files.filter(({ path }) => !isImagePath(path));
  note(notes, others.filter(({ path }) => OTHER_IMAGES.has(ending(path))), (count) => `${counted(count, 'image was', 'images were')} left out: of their formats only PNG, JPEG, WebP, BMP and GIF can be read.`);
  note(notes, others.filter(({ path }) => !OTHER_IMAGES.has(ending(path))), (count) => `${counted(count, 'file was', 'files were')} left out: not an image.`);
  note(notes, images.filter(({ size }) => size > MAX_IMAGE_BYTES), (count) => `${counted(count, 'image was', 'images were')} left out: larger than ${mib(MAX_IMAGE_BYTES)}.`);
  if (images.length === 0) throw fault(`There are no images among ${counted(files.length, 'file')}; PNG, JPEG, WebP, BMP and GIF in one folder a class can be read.`);

  const { placed, wrapper } = place(images.filter(({ size }) => size <= MAX_IMAGE_BYTES), notes);
  if (placed.length === 0) {
    throw fault(`The ${counted(images.length, 'image')} ${images.length === 1 ? 'is' : 'are'} in no folders that say their class; put the images of each class into a folder of its own.`);
  }
  const classNames = [...new Set(placed.map(({ className }) => className))].sort(compareNames);
  atLeastTwo(classNames, wrapper ?? name ?? 'The folder');
  const indices = new Map(classNames.map((className, i) => [className, i]));
  if (!placed.some(({ given }) => given.sequential)) placed.sort((a, b) => (a.given.path < b.given.path ? -1 : 1));
  const labels = Uint16Array.from(placed, ({ className }) => indices.get(className)!);
  const counts = countsOf(labels, classNames.length, placed.map(({ part }) => part));
  emptyClasses(files, placed, wrapper, notes);
  trainless(placed, classNames, notes);

  const find: Find = {
    format: 'folder',
    name: name ?? wrapper ?? 'images',
    words: `${wrapped}${wrapped ? counted(placed.length, 'image') : capital(counted(placed.length, 'image'))} in ${counted(classNames.length, 'folder')}${partWords(counts)}.`,
    classNames, counts, notes, questions: [], licence: '',
    answered: () => Promise.resolve(find),
    async *images({ decode, leaveOut, signal, ...ask }) {
      const chosen = chooser(counts.byClass, ask);
      for (const [i, { given, part }] of placed.entries()) {
        if (!chosen(labels[i]!)) continue;
        signal?.throwIfAborted();
        const raw = await decoded(given.path, () => whole(given), decode, leaveOut);
        if (raw) yield { ...raw, label: labels[i]!, part };
      }
    },
  };
  return find;
}

/** An encoded image's pixels, or null where it is damaged and was left out. A file that is gone is not a damaged image. */
export async function decoded(
  name: string, read: () => Promise<Uint8Array<ArrayBuffer>>, decode: Parameters<Find['images']>[0]['decode'], leaveOut: (name: string, reason: string) => void,
): Promise<Omit<RawImage, 'label' | 'part'> | null> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await read();
  } catch (error) {
    if (!(error instanceof LabError) || error.kind !== 'data') throw error;
    leaveOut(name, 'cut short or with a wrong checksum');
    return null;
  }
  const claimed = imageSize(bytes);
  if (claimed && (claimed.width > MAX_SIDE || claimed.height > MAX_SIDE || claimed.width * claimed.height > MAX_PIXELS)) {
    leaveOut(name, `more than ${MAX_SIDE.toLocaleString('en')} pixels a side or ${Math.floor(MAX_PIXELS / 1e6)} million in all`);
    return null;
  }
  try {
    const { width, height, rgba } = await decode(bytes);
    if (!(width > 0 && height > 0) || width * height > MAX_PIXELS || rgba.length !== 4 * width * height) throw new RangeError('dimensions');
    return { pixels: rgba instanceof Uint8Array ? rgba : new Uint8Array(rgba.buffer, rgba.byteOffset, rgba.length), height, width, channels: 4 };
  } catch (error) {
    if (error instanceof LabError && error.kind !== 'data') throw error;
    leaveOut(name, bytes.length === 0 ? 'empty' : 'damaged, or not an image');
    return null;
  }
}

/** Class and split of each image by the folders it is in; images that are in none are noted. */
function place(images: readonly Given[], notes: Note[]): { placed: Placed[]; wrapper: string | null } {
  let paths = images.map((given) => ({ given, folders: given.path.split('/').slice(0, -1).filter((part) => part !== '' && part !== '.') }));
  let wrapper: string | null = null;
  // One folder around everything says nothing, unless it is the split or the only class.
  for (;;) {
    const first = paths[0]?.folders[0];
    if (first === undefined || partNamed(first) || !paths.every(({ folders }) => folders[0] === first) || !paths.some(({ folders }) => folders.length > 1)) break;
    wrapper = first;
    paths = paths.map(({ given, folders }) => ({ given, folders: folders.slice(1) }));
  }
  const below = paths.filter(({ folders }) => folders.length > 1);
  const split = below.length > 0 && below.every(({ folders }) => partNamed(folders[0]!) !== null);
  const placed: Placed[] = [];
  const loose: Given[] = [];
  for (const { given, folders } of paths) {
    const part = split ? partNamed(folders[0] ?? '') : null;
    const className = folders[split ? 1 : 0];
    if (className === undefined || (split && part === null)) loose.push(given);
    else placed.push({ given, className, part });
  }
  note(notes, loose, (count) => `${counted(count, 'image was', 'images were')} left out: in no folder that says a class.`);
  return { placed, wrapper };
}

/** Folders beside the classes that hold files but no image. */
function emptyClasses(files: readonly Given[], placed: readonly Placed[], wrapper: string | null, notes: Note[]): void {
  const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const depth = Math.min(...placed.map(({ given }) => folderOf(given.path).split('/').length));
  const full = new Set(placed.flatMap(({ given }) => folderOf(given.path).split('/').map((_, i, all) => all.slice(0, i + 1).join('/'))));
  const empty = [...new Set(files.map(({ path }) => folderOf(path)))].filter((folder) => folder !== '' && folder !== wrapper && !full.has(folder) && folder.split('/').length === depth);
  if (empty.length > 0) notes.push({ text: `${counted(empty.length, 'folder holds', 'folders hold')} no images and ${empty.length === 1 ? 'is' : 'are'} no class.`, count: 0, examples: empty.slice(0, 5).map(base) });
}

function trainless(placed: readonly Placed[], classNames: readonly string[], notes: Note[]): void {
  if (!placed.some(({ part }) => part === 'train')) return;
  const trained = new Set(placed.filter(({ part }) => part === 'train').map(({ className }) => className));
  const missing = classNames.filter((className) => !trained.has(className));
  if (missing.length > 0) notes.push({ text: `${counted(missing.length, 'class has', 'classes have')} no image in train.`, count: 0, examples: missing.slice(0, 5) });
}

function note(notes: Note[], files: readonly Given[], words: (count: number) => string): void {
  if (files.length > 0) notes.push({ text: words(files.length), count: files.length, examples: files.slice(0, 5).map(({ path }) => path) });
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
