/** Sizes that headers tell, as other writers wrote them; damaged headers never throw; what is too large is refused undecoded. */
import { describe, expect, it } from 'vitest';
import { Stream } from '../../core/philox.ts';
import { decoded } from './folder.ts';
import { imageSize } from './image-size.ts';
import { ascii, joined, png } from './testing.ts';

const hex = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(text.split(' '), (byte) => parseInt(byte, 16));
const webp = (chunk: Uint8Array): Uint8Array<ArrayBuffer> => joined(ascii('RIFF'), [chunk.length + 4, 0, 0, 0], ascii('WEBP'), chunk);

/** 37 × 21 pixels each: the first bytes as Chromium 156 writes JPEG and WebP, the others by their specifications. */
const SAMPLES = {
  png: png(new Uint8Array(37 * 21), 21, 37),
  jpeg: hex('ff d8 ff e0 00 10 4a 46 49 46 00 01 01 00 00 01 00 01 00 00 ff db 00 04 ff c0 ff c0 00 11 08 00 15 00 25 03 01 22 00 02 11 01 03 11 01'),
  'progressive jpeg, tables first': hex('ff d8 ff c4 00 06 00 09 00 09 ff ff ff c2 00 11 08 00 15 00 25 03 01 22 00'),
  'lossy webp': webp(hex('56 50 38 20 26 00 00 00 f0 02 00 9d 01 2a 25 00 15 00 3f 71')),
  'lossless webp': webp(hex('56 50 38 4c 11 00 00 00 2f 24 00 05 00 07 50 c4')),
  'extended webp': webp(hex('56 50 38 58 0a 00 00 00 20 00 00 00 24 00 00 14 00 00')),
  gif: joined(ascii('GIF89a'), hex('25 00 15 00 80 00 00 00 00 00 ff ff ff 21 f9 04 00 00 00 00 00 2c 00 00 00 00 25 00 15 00 00')),
  'gif, its image larger than its screen': joined(ascii('GIF87a'), hex('01 00 01 00 00 00 00 2c 05 00 01 00 20 00 14 00 00')),
  bmp: joined(ascii('BM'), new Uint8Array(12), hex('28 00 00 00 25 00 00 00 15 00 00 00 01 00 18 00')),
  'bmp from the top': joined(ascii('BM'), new Uint8Array(12), hex('28 00 00 00 25 00 00 00 eb ff ff ff 01 00 18 00')),
  'bmp of OS/2': joined(ascii('BM'), new Uint8Array(12), hex('0c 00 00 00 25 00 15 00 01 00 18 00')),
};

describe('imageSize', () => {
  it.each(Object.entries(SAMPLES))('%s', (_, bytes) => {
    expect(imageSize(bytes)).toEqual({ width: 37, height: 21 });
    expect(imageSize(joined([1, 2, 3], bytes).subarray(3))).toEqual({ width: 37, height: 21 });
  });

  it('is not known of other formats, of a size of zero and of nothing', () => {
    for (const bytes of [new Uint8Array(0), ascii('<svg width="37" height="21"/>'), joined([0, 0, 0, 28], ascii('ftypavif'), new Uint8Array(40)), new Uint8Array(100).fill(255)]) {
      expect(imageSize(bytes)).toBeNull();
    }
    const flat = SAMPLES.png.slice();
    flat.fill(0, 20, 24);
    expect(imageSize(flat)).toBeNull();
  });

  it('ten thousand damaged headers tell a size or none, and every cut one', () => {
    for (const [kind, bytes] of Object.values(SAMPLES).entries()) {
      for (let length = 0; length < bytes.length; length++) imageSize(bytes.slice(0, length));
      for (let i = 0; i < 1000; i++) {
        const stream = new Stream(kind, 'draw', i);
        const copy = bytes.slice();
        for (let k = 1 + stream.integer(4); k > 0; k--) copy[stream.integer(Math.min(copy.length, 60))] = [0, 1, 0x7f, 0x80, 0xff, stream.integer(256)][stream.integer(6)]!;
        const size = imageSize(copy);
        if (size) expect(Number.isInteger(size.width) && Number.isInteger(size.height) && size.width > 0 && size.height > 0).toBe(true);
      }
    }
  });
});

it('an image that claims too many pixels is left out before it is decoded', async () => {
  const left: string[] = [];
  const decode = () => Promise.reject(new Error('decoded'));
  const tried = async (width: number, height: number) => {
    const bytes = SAMPLES.png.slice();
    new DataView(bytes.buffer).setUint32(16, width);
    new DataView(bytes.buffer).setUint32(20, height);
    expect(await decoded('x.png', () => Promise.resolve(bytes), decode, (_, reason) => left.push(reason))).toBeNull();
  };
  await tried(12_000, 12_000);
  await tried(1, 2 ** 31);
  await tried(8192, 8192);
  expect(left).toEqual([...new Array<string>(2).fill('more than 16,384 pixels a side or 67 million in all'), 'damaged, or not an image']);
});
