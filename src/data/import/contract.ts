/**
 * How data of a visitor's own comes in. Three steps, so that nothing is used before it was understood and could be corrected:
 *
 *   find    files → a `Find`: what format they are in, and a way to read their images one after another
 *   examine a Find → an `Understanding`: counts, sizes, channels, classes, splits, notes; small enough for the page
 *   settle  a Find + `Choices` → a Dataset
 *
 * Files are read in slices or as a stream wherever the format allows; what a format holds is checked before anything large is allocated. A fault of
 * the whole is one LabError('data'); a fault of one image among good ones is a note, and the image is left out and counted.
 */
import type { Dataset } from '../dataset.ts';

/** A file as it was given: a File or Blob on the page, bytes in a test. Never read as a whole unless the format needs it. */
export interface Given {
  /** Path inside what was dropped or named (`train/cat/001.jpg`), or the file's name; forward slashes. */
  path: string;
  size: number;
  /** Bytes from … to − 1, fewer at the end of the file. Rejects with LabError('file') when the file is gone. */
  slice(from: number, to: number): Promise<Uint8Array<ArrayBuffer>>;
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Set inside a compressed archive that can only be read from its beginning: whoever reads many such files reads them in the order given. */
  sequential?: true;
  /** Set inside a compressed archive: a slice costs reading the file from its beginning. */
  packed?: true;
}

export type Format = 'folder' | 'idx' | 'npz' | 'npy' | 'cifar' | 'parquet' | 'csv' | 'maps';

/** An encoded image (PNG, JPEG, WebP, BMP, GIF) → uint8 [height, width, 4] RGBA. The browser's own decoder on the page. Rejects on a damaged image. */
export type Decode = (bytes: Uint8Array<ArrayBuffer>) => Promise<{ width: number; height: number; rgba: Uint8Array | Uint8ClampedArray }>;

export type Part = 'train' | 'validation' | 'test';

/** One labelled image before it is fitted to the data set's size. */
export interface RawImage {
  /** [height, width, channels] row-major; floats in [0, 1]. Channels: grey, grey and alpha, RGB or RGBA. */
  pixels: Uint8Array | Float32Array;
  height: number;
  width: number;
  channels: number;
  /** Index into the Find's classes. */
  label: number;
  /** Split it was given in; null where the data come without. */
  part: Part | null;
  /** Of images with label maps: [height, width], index into the Find's classes or VOID, and how many pixels had a value that is of no class, which became VOID. */
  map?: { labels: Uint8Array; unknown: { name: string; pixels: number } | null };
}

/** What was left out or decided on the way, in words: shown with the preview and kept with the data. */
export interface Note {
  /** One sentence. */
  text: string;
  /** Images it is about; 0 where it is about none in particular. */
  count: number;
  /** Names of some of them, at most five. */
  examples: string[];
}

/** Data whose format was found out. */
export interface Find {
  format: Format;
  /** Proposed name. */
  name: string;
  /** One sentence: "A zip of 200 images in 4 folders". */
  words: string;
  classNames: string[];
  /** Images listed, by class and by part; read ones may be fewer (damaged images are left out). */
  counts: { byClass: number[]; byPart: Partial<Record<Part, number>> };
  /** Of images with label maps, whose classes are of pixels and whose `counts.byClass` are all 0; absent: one label an image. */
  maps?: MapsFound;
  notes: Note[];
  /** What only the visitor can say; empty when all is clear. Answers come back in `Choices.answers`. */
  questions: Question[];
  /** The same data read as the answers say: other names, counts and images. Unknown answers are as none. */
  answered(answers: Record<string, string>): Promise<Find>;
  /**
   * Images in a fixed order, all or those that `ask` chooses; one at a time, never all in memory. Damaged ones are passed to `leaveOut` with a name and a
   * reason in words and go on.
   */
  images(ask: Ask): AsyncGenerator<RawImage, void>;
  licence: string;
}

export interface Ask {
  decode: Decode;
  /** At most so many, shared out evenly over the classes and spread over each; 0 or absent: all. */
  most?: number;
  /** Whether to give images of each class; absent: of all. */
  keep?: readonly boolean[];
  leaveOut(name: string, reason: string): void;
  signal?: AbortSignal;
}

/** What label maps hold, of a sample of them, by class. */
export interface MapsFound {
  /** Images with a map. */
  count: number;
  /** Share of the pixels. */
  shares: number[];
  /** The maps' own, '#rrggbb'; null where they have none. */
  colours: string[] | null;
  /** Classes proposed to be left out: their pixels count for nothing. */
  void: boolean[];
}

/** Two arrays that could both be the labels, a Parquet file with several image columns … */
export interface Question {
  /** Key of the answer. */
  id: string;
  /** "Which array holds the labels?" */
  text: string;
  options: { value: string; label: string }[];
  /** What is taken when no answer is given. */
  default: string;
}

/** How images of other sizes and channels become those of the data set. */
export interface Choices {
  name: string;
  height: number;
  width: number;
  /** Whole image with borders of its mean edge colour, middle of the image, or stretched. */
  fit: 'fit' | 'crop' | 'stretch';
  channels: 1 | 3;
  /** Names by class; a class with an empty name is left out: its images, or of label maps its pixels, which become void. */
  classNames: string[];
  /** At most so many images, evenly by class; 0: all. */
  limit: number;
  answers: Record<string, string>;
}

/** What was understood, as the page shows it before anything is used. */
export interface Understanding {
  format: Format;
  words: string;
  count: number;
  classNames: string[];
  counts: Find['counts'];
  maps: MapsFound | null;
  /** Of a sample of the images: `uniform` where all that were read agree. */
  sizes: { uniform: boolean; smallest: [height: number, width: number]; largest: [height: number, width: number] };
  channels: { grey: number; colour: number; alpha: number };
  notes: Note[];
  questions: Question[];
  /** Proposed, to be corrected; `name` is free of what is there. */
  choices: Choices;
  /** Some images of every class (at most ten classes, six images each), fitted as `choices` say: uint8 [rows · tile, columns · tile, 4] RGBA, one class a row; of label maps rows of images and under each their maps. */
  sheet: { width: number; height: number; rows: number; columns: number; rgba: Uint8ClampedArray<ArrayBuffer> };
  /** Memory that the data set will take by `choices`, bytes. */
  bytes: number;
}

/** Throws LabError('data') with one sentence when nothing can be made of the files. */
export type FindData = (files: readonly Given[]) => Promise<Find>;

/**
 * What the page shows of a Find. `taken`: names that other data have. `choices`: as corrected so far, with answers to questions; the sheet, the size in
 * memory and, where answers change them, classes and counts follow. Absent: as proposed. Asked again whenever a choice changes, so images read once for
 * the sample may be kept with the Find.
 */
export type Examine = (find: Find, world: { decode: Decode; taken: ReadonlySet<string>; choices?: Partial<Choices>; signal?: AbortSignal }) => Promise<Understanding>;

/** Throws LabError; `progress(done, total)` between images. The result carries `parts` where the data came with splits. */
export type Settle = (find: Find, choices: Choices, world: { decode: Decode; progress(done: number, total: number): void; signal?: AbortSignal }) => Promise<{ dataset: Dataset; notes: Note[] }>;
