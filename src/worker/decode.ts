/**
 * The browser's own decoder of PNG, JPEG, WebP, BMP and GIF (its first frame), for a worker: pixels as the file holds them, without colour management or
 * premultiplied alpha, turned the way the camera was held (EXIF). Sizes are held against the limits before, by the header (import/folder.ts).
 */
import type { Decode } from '../data/import/contract.ts';
import { imageSize } from '../data/import/image-size.ts';

export function browserDecode(): Decode {
  let canvas: OffscreenCanvas | null = null;
  return async (bytes) => {
    // Browsers decode more than these formats, and nothing is known of how large the result would be.
    if (!imageSize(bytes)) throw new Error('it is no PNG, JPEG, WebP, BMP or GIF');
    const bitmap = await createImageBitmap(new Blob([bytes]), { premultiplyAlpha: 'none', colorSpaceConversion: 'none', imageOrientation: 'from-image' });
    const { width, height } = bitmap;
    try {
      // One canvas for all, grown when an image needs more: making one an image is what would take the time.
      if (!canvas || canvas.width < width || canvas.height < height) {
        canvas = new OffscreenCanvas(Math.max(width, canvas?.width ?? 0), Math.max(height, canvas?.height ?? 0));
      }
      const context = canvas.getContext('2d', { willReadFrequently: true });
      if (!context) throw new Error('this browser gives no canvas to read it from');
      context.clearRect(0, 0, width, height);
      context.drawImage(bitmap, 0, 0);
      return { width, height, rgba: context.getImageData(0, 0, width, height).data };
    } finally {
      bitmap.close();
    }
  };
}
