/**
 * Height and width that an encoded image claims, read from its header, so that what would fill memory is refused before it is decoded. PNG (IHDR), JPEG (the
 * first frame header, ITU T.81 B.2.2), GIF (the screen or its first image, whichever is larger), WebP (VP8, VP8L, VP8X) and BMP. Pure.
 */
export interface ImageSize {
  height: number;
  width: number;
}

/** null for other formats, and where the header breaks off before it tells a size or tells one of zero. Never throws. */
export function imageSize(bytes: Uint8Array): ImageSize | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const size = sizeIn(view);
    return size && size.height > 0 && size.width > 0 ? size : null;
  } catch (error) {
    // Beyond the end.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function sizeIn(view: DataView): ImageSize | null {
  if (view.byteLength < 12) return null;
  const start = view.getUint32(0);
  if (start === 0x89504e47 && view.getUint32(4) === 0x0d0a1a0a) return view.getUint32(12) === code('IHDR') ? { width: view.getUint32(16), height: view.getUint32(20) } : null;
  if (start >>> 8 === 0xffd8ff) return inJpeg(view);
  if (start === code('GIF8')) return inGif(view);
  if (start === code('RIFF') && view.getUint32(8) === code('WEBP')) return inWebp(view);
  if (start >>> 16 === 0x424d) return inBmp(view);
  return null;
}

const code = (four: string): number => [...four].reduce((sum, letter) => sum * 256 + letter.charCodeAt(0), 0);

/** Frame headers SOF0 to SOF15; C4, C8 and CC of that row are something else. */
function inJpeg(view: DataView): ImageSize | null {
  let at = 2;
  for (;;) {
    if (view.getUint8(at) !== 0xff) {
      // As decoders do: what stands between two segments is passed over.
      at++;
      continue;
    }
    const marker = view.getUint8(at + 1);
    if (marker === 0xff || marker === 0) {
      at++;
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    // The end, or pixels without a frame.
    if (marker === 0xd9 || marker === 0xda) return null;
    const alone = marker === 1 || (marker >= 0xd0 && marker <= 0xd8);
    at += alone ? 2 : 2 + Math.max(2, view.getUint16(at + 2));
  }
}

function inGif(view: DataView): ImageSize | null {
  const little = true;
  const screen = { width: view.getUint16(6, little), height: view.getUint16(8, little) };
  let at = 13 + colours(view.getUint8(10));
  for (;;) {
    const block = view.getUint8(at++);
    if (block === 0x2c) {
      const width = view.getUint16(at, little) + view.getUint16(at + 4, little);
      const height = view.getUint16(at + 2, little) + view.getUint16(at + 6, little);
      return { width: Math.max(screen.width, width), height: Math.max(screen.height, height) };
    }
    if (block !== 0x21) return null;
    at++;
    for (let length = view.getUint8(at++); length > 0; length = view.getUint8(at++)) at += length;
  }
}

/** Bytes of a colour table. */
const colours = (flags: number): number => (flags & 128 ? 3 * 2 ** ((flags & 7) + 1) : 0);

function inWebp(view: DataView): ImageSize | null {
  const little = true;
  switch (view.getUint32(12)) {
    // A key frame's start code, then 14 bits each; the upper two scale nothing that is decoded.
    case code('VP8 '): return view.getUint8(23) === 0x9d && view.getUint8(24) === 0x01 && view.getUint8(25) === 0x2a ? { width: view.getUint16(26, little) & 0x3fff, height: view.getUint16(28, little) & 0x3fff } : null;
    case code('VP8L'): {
      if (view.getUint8(20) !== 0x2f) return null;
      const bits = view.getUint32(21, little);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case code('VP8X'): return { width: (view.getUint32(24, little) & 0xffffff) + 1, height: (view.getUint32(26, little) >>> 8) + 1 };
    default: return null;
  }
}

/** Rows from the top have a negative height. */
function inBmp(view: DataView): ImageSize | null {
  const little = true;
  if (view.getUint32(14, little) === 12) return { width: view.getUint16(18, little), height: view.getUint16(20, little) };
  return { width: Math.abs(view.getInt32(18, little)), height: Math.abs(view.getInt32(22, little)) };
}
