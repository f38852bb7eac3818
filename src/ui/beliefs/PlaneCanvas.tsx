/** One map of the toy's plane on a canvas: class colours mixed by probability, pale where unsure, points on top. */
import { type CSSProperties, memo, useLayoutEffect, useRef } from 'react';
import type { PlanePoints } from '../../data/preview.ts';
import type { Fields } from '../../experiment/beliefs/fields.ts';
import { markerPath } from '../charts/arms.ts';
import { CLASS_INK, classStyle } from '../data/class-ink.ts';
import { planePixels } from './plane-pixels.ts';

/** Faint points drawn at most. */
const FAINT = 150;

interface PlaneCanvasProps {
  fields: Fields;
  /** [side][side][C] in bytes. */
  map: Uint8Array;
  /** CSS pixels. */
  size: number;
  dark: boolean;
  label: string;
  style?: CSSProperties;
}

export const PlaneCanvas = memo(function PlaneCanvas({ fields, map, size, dark, label, style }: PlaneCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (canvas.current) paint(canvas.current, fields, map, size, dark);
  }, [fields, map, size, dark]);
  return <canvas ref={canvas} role="img" aria-label={label} style={{ width: size, height: size, display: 'block', ...style }} />;
});

function paint(canvas: HTMLCanvasElement, { side, reach, classNames, source, downstream }: Fields, map: Uint8Array, size: number, dark: boolean): void {
  const ratio = Math.min(2, devicePixelRatio || 1);
  canvas.width = canvas.height = Math.round(size * ratio);
  const context = canvas.getContext('2d');
  const small = document.createElement('canvas');
  small.width = small.height = side;
  const pixels = small.getContext('2d', { willReadFrequently: true });
  if (!context || !pixels) return;
  pixels.putImageData(new ImageData(planePixels(map, side, classNames.length, dark), side, side), 0, 0);
  context.imageSmoothingEnabled = true;
  context.scale(ratio, ratio);
  // The lattice's rim lies on the picture's rim: half a cell is cut off all round.
  const cell = size / (side - 1);
  context.drawImage(small, -cell / 2, -cell / 2, cell * side, cell * side);
  const marks = (points: PlanePoints | null, most: number, r: number, framed: boolean) => {
    points?.labels.slice(0, most).forEach((c, i) => {
      context.save();
      context.translate(((points.x[i]! / reach + 1) / 2) * size, ((1 - points.y[i]! / reach) / 2) * size);
      const path = new Path2D(markerPath(classStyle(c).marker, r));
      // Darker than its region on light paper, lighter on dark.
      context.fillStyle = `rgb(${CLASS_INK[c % CLASS_INK.length]!.map((value) => Math.round(dark ? 0.5 * value + 128 : 0.75 * value)).join(' ')})`;
      context.globalAlpha = framed ? 1 : 0.55;
      context.fill(path);
      context.lineWidth = 1.2;
      context.strokeStyle = dark ? '#12161c' : '#ffffff';
      if (framed) context.stroke(path);
      context.restore();
    });
  };
  marks(source, FAINT, size > 200 ? 1.6 : 1, false);
  marks(downstream, Infinity, size > 200 ? 4.6 : 3.2, true);
}
