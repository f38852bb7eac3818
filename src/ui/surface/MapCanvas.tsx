/**
 * The colours of a map on a canvas (raster.ts). While values follow each other, as in a drag, it is drawn with one pixel a
 * CSS pixel, then once more as fine as the screen. A saved picture gets vector contours in its place.
 */
import { memo, useEffect, useLayoutEffect, useRef } from 'react';
import { INK } from '../charts/ink.ts';
import { drawnAs } from '../charts/picture.ts';
import { bandColour, bandEdges, type ColourScale } from './colour.ts';
import { contourPaths, type MapSize } from './contours.ts';
import { type Field, filled } from './field.ts';
import { drawField } from './raster.ts';

/** A second drawing within this many milliseconds is one of many. */
const STILL = 160;
/** Finer than this on screen shows nothing more. */
const FINEST = 2;
/** Above this many points contours in a saved picture would take megabytes: it gets pixels. */
const VECTOR = 101 * 101;

interface MapCanvasProps {
  a: readonly number[];
  b: readonly number[];
  values: ArrayLike<number>;
  scale: ColourScale;
  inner: MapSize;
  left: number;
  top: number;
}

export const MapCanvas = memo(function MapCanvas({ a, b, values, scale, inner, left, top }: MapCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useRef(-Infinity);
  useLayoutEffect(() => {
    const field = { a, b, values };
    const fine = Math.min(FINEST, devicePixelRatio || 1);
    const hurried = fine > 1 && performance.now() - drawn.current < STILL;
    paint(canvas.current, field, scale, inner, hurried ? 1 : fine);
    drawn.current = performance.now();
    if (!hurried) return;
    const later = setTimeout(() => paint(canvas.current, field, scale, inner, fine), STILL);
    return () => clearTimeout(later);
  }, [a, b, values, scale, inner]);
  useEffect(() => (canvas.current ? drawnAs(canvas.current, () => vector({ a, b, values }, scale, inner)) : undefined), [a, b, values, scale, inner]);
  return <canvas ref={canvas} aria-hidden style={{ position: 'absolute', left, top, width: inner.width, height: inner.height, background: INK.shade }} />;
});

/** Of one picture, reused for every map of that size. */
let pixels = new Uint32Array(0);

function paint(canvas: HTMLCanvasElement | null, field: Field, scale: ColourScale, inner: MapSize, ratio: number): void {
  const context = canvas?.getContext('2d');
  if (!canvas || !context) return;
  const [width, height] = [Math.max(1, Math.round(inner.width * ratio)), Math.max(1, Math.round(inner.height * ratio))];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const whole = filled(field);
  if (!whole) {
    context.clearRect(0, 0, width, height);
    return;
  }
  if (pixels.length !== width * height) pixels = new Uint32Array(width * height);
  drawField(whole, field.a.length, field.b.length, scale, pixels, width, height, ratio);
  context.putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), width, height), 0, 0);
}

const SVG = 'http://www.w3.org/2000/svg';

/** The same map for a saved picture, in the canvas's CSS pixels. */
function vector(field: Field, scale: ColourScale, inner: MapSize): SVGElement {
  const group = document.createElementNS(SVG, 'g');
  const whole = filled(field);
  if (!whole) return group;
  if (whole.length > VECTOR) {
    const canvas = document.createElement('canvas');
    paint(canvas, field, scale, inner, FINEST);
    return append(group, 'image', { href: canvas.toDataURL('image/png'), width: inner.width, height: inner.height, preserveAspectRatio: 'none' });
  }
  append(group, 'rect', { width: inner.width, height: inner.height, fill: bandColour(scale.kind, 0) });
  const edges = bandEdges(scale);
  contourPaths(whole, field.a.length, field.b.length, edges, inner).forEach((d, k) => {
    if (k === 0 || d === '') return;
    const zero = scale.kind === 'signed' && 2 * k === edges.length;
    append(group, 'path', {
      d, fill: bandColour(scale.kind, k), 'data-level': edges[k]!, stroke: zero ? '#141414' : '#ffffff', 'stroke-opacity': zero ? 0.6 : 0.22, 'stroke-width': zero ? 1.1 : 0.7,
    });
  });
  return group;
}

function append(group: SVGElement, name: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  group.append(element);
  return group;
}
