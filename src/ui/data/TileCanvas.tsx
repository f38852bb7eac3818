/** Pixels on a canvas, at their own resolution; the style sheet scales them without smoothing. */
import { memo, useLayoutEffect, useRef } from 'react';

interface Pixels {
  width: number;
  height: number;
  rgba: Uint8ClampedArray<ArrayBuffer>;
}

export const TileCanvas = memo(function TileCanvas({ pixels, className }: { pixels: Pixels | null; className: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (!canvas.current) return;
    const { width, height } = pixels ?? { width: 1, height: 1 };
    canvas.current.width = width;
    canvas.current.height = height;
    // Kept off the GPU, which is for learning and slow to set up for so little.
    if (pixels) canvas.current.getContext('2d', { willReadFrequently: true })?.putImageData(new ImageData(pixels.rgba, width, height), 0, 0);
  }, [pixels]);
  return <canvas ref={canvas} className={className} aria-hidden="true" />;
});
