/**
 * The one shape of labelled images. Pixels are what the file or generator gave: uint8 in [0, 255] or float.
 * `pixel(i)` is `images[i] / 255` for uint8 and `images[i]` for float; networks see (pixel − mean) / std.
 */
export interface Dataset {
  name: string;
  /** [N, H, W, C] row-major. */
  images: Uint8Array | Float32Array;
  /** [N], each in [0, classNames.length). */
  labels: Uint16Array;
  count: number;
  height: number;
  width: number;
  channels: number;
  classNames: string[];
  /** SHA-256 (hex) of images then labels: names the data in results and in prior files. */
  sha256: string;
  /** [N]: the split each image was given in (0 train, 1 validation, 2 test); absent where the data come without splits. */
  parts?: Uint8Array;
  /** [N, H, W]: the class of every pixel, `VOID` where it has none; such data are for segmentation, and `labels` are all 0. Absent: one label an image. */
  maps?: Uint8Array;
  /** Licence or origin in a line, shown with the data; empty when unknown (a visitor's own file). */
  licence: string;
}

/** In label maps: a pixel that is of no class, left out of losses and measures. */
export const VOID = 255;

/** Inputs as networks see them: (pixel − mean) / std, the same for all channels. */
export interface Normalisation {
  mean: number;
  std: number;
}

/** Index lists into one Dataset for one seed: disjoint, stratified by class. */
export interface Split {
  train: Uint32Array;
  validation: Uint32Array;
  test: Uint32Array;
}

/**
 * Random affine augmentation, bilinear, about the image centre; a range is symmetric (± value) except scale.
 * `null` in its place means none.
 */
export interface Augmentation {
  /** ± degrees. */
  rotation: number;
  /** [low, high] factor. */
  scale: [number, number];
  /** ± pixels, both axes. */
  shift: number;
  /** ± horizontal shear factor. */
  shear: number;
}

/** What makes the downstream inputs differ from the source's. Applied to pixels in [0, 1], clipped to [0, 1] after. */
export type ShiftKind = 'none' | 'noise' | 'low-contrast' | 'clutter';
