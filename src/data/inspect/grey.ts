/** Grey values of an image, for measures that know no colour: the mean over the channels, in [0, 1]. */
import type { Dataset } from '../dataset.ts';

/** out [height · width]. Alpha, the fourth of four channels, does not enter. */
export function greyInto({ images, height, width, channels }: Dataset, row: number, out: Float32Array): void {
  const pixels = height * width;
  const colours = channels === 4 ? 3 : channels;
  const scale = (images instanceof Uint8Array ? 1 / 255 : 1) / colours;
  let at = row * pixels * channels;
  for (let p = 0; p < pixels; p++, at += channels) {
    let sum = images[at]!;
    for (let c = 1; c < colours; c++) sum += images[at + c]!;
    out[p] = sum * scale;
  }
}
