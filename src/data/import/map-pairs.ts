/**
 * Which images and label maps belong together, by their paths: in sibling folders (`images/1.jpg labels/1.png`, `train/ trainannot/`), above or below the folders of
 * splits, or beside each other (`1.jpg 1_mask.png`). Two files are a pair when nothing but those words and the ending tells their paths apart.
 */
import type { Given, Part } from './contract.ts';
import { base, ending, partNamed } from './paths.ts';

const IMAGE_FOLDER = /^(images?|imgs?|jpegimages|photos?|frames?|rgb|inputs?|leftimg8bit|color|colour)$/i;
const MAP_FOLDER = /^(labels?|masks?|maps?|label_?maps?|annot(ation)?s?|gt|gtfine|ground_?truths?|seg(mentation)?(s|class|_?maps?|_?masks?)?|targets?|label_?ids)$/i;
/** `trainannot`, `val_labels`: a folder of maps named after the folder of images. */
const MAP_FOLDER_END = /[-_]?(annot|labels?|masks?|gt)$/i;
const MAP_END = /[-_](l|masks?|labels?|label_?ids|gt|gtfine_labelids|seg(mentation)?|annot(ation)?)$/i;
const IMAGE_END = /[-_](leftimg8bit|image|img|rgb|input)$/i;

export interface Pair {
  image: Given;
  map: Given;
  part: Part | null;
}

export interface Paired {
  pairs: Pair[];
  /** The folder around everything. */
  wrapper: string | null;
  /** Images without a map, and maps without an image. */
  images: Given[];
  maps: Given[];
}

interface Placed {
  given: Given;
  isMap: boolean;
  key: string;
  part: Part | null;
}

/** null where the paths speak of no label maps: less than half of what looks like one has an image. */
export function pairsOf(files: readonly Given[]): Paired | null {
  const placed = files.map(placeOf);
  const images = new Map(placed.filter(({ isMap }) => !isMap).map((one) => [one.key, one]));
  const maps = placed.filter(({ isMap }) => isMap);
  const pairs: Pair[] = [];
  const alone: Given[] = [];
  const used = new Set<string>();
  for (const { given, key, part } of maps) {
    const image = images.get(key);
    if (!image || used.has(key)) {
      alone.push(given);
      continue;
    }
    used.add(key);
    pairs.push({ image: image.given, map: given, part: part ?? image.part });
  }
  if (pairs.length === 0 || 2 * pairs.length < maps.length) return null;
  pairs.sort((a, b) => (a.image.path < b.image.path ? -1 : 1));
  const tops = new Set(files.map(({ path }) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '')));
  const [top] = tops;
  const wrapper = tops.size === 1 && top && !IMAGE_FOLDER.test(top) && !partNamed(top) ? top : null;
  return { pairs, wrapper, images: [...images.values()].filter(({ key }) => !used.has(key)).map(({ given }) => given), maps: alone };
}

function placeOf(given: Given): Placed {
  const folders = given.path.split('/').slice(0, -1).filter((part) => part !== '' && part !== '.');
  const name = base(given.path);
  const stem = name.slice(0, name.length - ending(name).length - 1);
  const inMaps = folders.findLastIndex((folder) => MAP_FOLDER.test(folder));
  const inImages = folders.findLastIndex((folder) => IMAGE_FOLDER.test(folder));
  // `images/masks/1.png` is a map, `masks/images/1.png` an image.
  let isMap = inMaps > inImages;
  const rest = folders.filter((_, i) => i !== inMaps && i !== inImages).map((folder) => {
    const image = folder.replace(MAP_FOLDER_END, '');
    if (inMaps >= 0 || image === folder || !partNamed(image)) return folder;
    isMap = true;
    return image;
  });
  const bare = stem.replace(MAP_END, '');
  if (bare !== stem && inMaps < 0 && !isMap && ending(name) === 'png') isMap = true;
  const part = rest.map(partNamed).find((found) => found !== null) ?? null;
  return { given, isMap, part, key: [...rest, isMap ? bare : stem.replace(IMAGE_END, '')].join('/') };
}
