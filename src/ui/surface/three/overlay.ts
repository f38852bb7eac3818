/** What is written over the picture in a 2-D canvas: ticks, axis titles, markers and their names. The same drawing goes into a saved picture. */
import { tickText } from '../../charts/format.ts';
import { placeLabels } from '../labels.ts';
import { type LabelledEdge, labelledEdges } from './box.ts';
import { type Inks, inksOf } from './content.ts';
import type { Vector } from './mesh.ts';
import type { LossScene, Mark } from './scene.ts';

export interface Pixel {
  x: number;
  y: number;
}

export interface OverlayView {
  /** CSS pixels. */
  width: number;
  height: number;
  dark: boolean;
  font: string;
  eye: Vector;
  project: (point: Vector) => Pixel;
  titles: Record<LabelledEdge['axis'], string>;
}

/** Draws at the context's scale, over whatever is there. */
export function drawOverlay(context: CanvasRenderingContext2D, scene: LossScene, view: OverlayView): void {
  const inks = inksOf(view.dark);
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  for (const edge of labelledEdges(scene.frame, scene.ticks, view.eye, (point) => view.project(point).x)) drawEdge(context, edge, view, inks);
  const marks = scene.marks.map((mark) => ({ ...mark, pixel: view.project(mark.at), hidden: scene.hides(view.eye, mark.at) }));
  for (const { pixel, kind, hidden } of marks) drawMark(context, pixel, kind, hidden, inks);
  context.font = `600 11.5px ${view.font}`;
  const named = marks.flatMap(({ pixel, text, kind }) => (text === null ? [] : [{ ...pixel, text, moves: 'minimum' in kind }]));
  for (const { text, at } of placeLabels(named, view)) {
    context.textAlign = at.anchor === 'start' ? 'left' : at.anchor === 'end' ? 'right' : 'center';
    written(context, text, at, inks.text, inks.page);
  }
}

function written(context: CanvasRenderingContext2D, text: string, { x, y }: Pixel, ink: string, halo: string): void {
  context.lineWidth = 3.4;
  context.strokeStyle = halo;
  context.strokeText(text, x, y);
  context.fillStyle = ink;
  context.fillText(text, x, y);
}

const TICK = 11;

function drawEdge(context: CanvasRenderingContext2D, edge: LabelledEdge, { project, font, width, height, titles }: OverlayView, inks: Inks): void {
  const [from, to] = [project(edge.ends[0]), project(edge.ends[1])];
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const away = direction(project(edge.middle.at), project(edge.middle.outside), edge.axis === 'loss');
  context.strokeStyle = inks.axis;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.lineTo(to.x, to.y);
  context.stroke();
  context.font = `${TICK}px ${font}`;
  context.textAlign = away.x > 0.5 ? 'left' : away.x < -0.5 ? 'right' : 'center';
  // The title runs along the edge, never upside down, beyond everything that the ticks' labels cover.
  let angle = edge.axis === 'loss' ? -Math.PI / 2 : Math.atan2(to.y - from.y, to.x - from.x);
  if (angle > Math.PI / 2) angle -= Math.PI;
  else if (angle < -Math.PI / 2) angle += Math.PI;
  const normal = { x: -Math.sin(angle), y: Math.cos(angle) };
  const side = normal.x * away.x + normal.y * away.y < 0 ? -1 : 1;
  const beyond = ({ x, y }: Pixel) => side * ((x - from.x) * normal.x + (y - from.y) * normal.y);
  let [last, furthest]: [Pixel | null, number] = [null, 0];
  for (const { value, at: place } of edge.ticks) {
    const pixel = project(place);
    const text = tickText(value);
    const room = edge.axis === 'loss' ? 15 : 8 + 6.5 * text.length;
    if (last && Math.hypot(pixel.x - last.x, pixel.y - last.y) < Math.max(15, room * 0.8)) continue;
    last = pixel;
    context.beginPath();
    context.moveTo(pixel.x, pixel.y);
    context.lineTo(pixel.x + 4 * away.x, pixel.y + 4 * away.y);
    context.stroke();
    const at = { x: pixel.x + 8 * away.x, y: pixel.y + 11 * away.y };
    const wide = context.measureText(text).width;
    const left = at.x - (context.textAlign === 'left' ? 0 : context.textAlign === 'right' ? wide : wide / 2);
    for (const x of [left, left + wide]) for (const y of [at.y - TICK / 2, at.y + TICK / 2]) furthest = Math.max(furthest, beyond({ x, y }));
    written(context, text, at, inks.muted, inks.page);
  }
  if (length < 40) return;
  const offset = furthest + 12;
  context.font = `500 12px ${font}`;
  context.textAlign = 'center';
  const lines = brokenTo(context, titles[edge.axis], Math.max(length, 120));
  if (edge.axis === 'loss' && Math.min(from.x, to.x) - offset < 8) {
    // No room on the left: above the axis.
    context.textAlign = 'left';
    written(context, titles.loss, { x: Math.max(4, to.x - 24), y: Math.max(10, to.y - 22) }, inks.text, inks.page);
    return;
  }
  const middle = { x: (from.x + to.x) / 2 + side * normal.x * offset, y: (from.y + to.y) / 2 + side * normal.y * offset };
  const reach = Math.max(...lines.map((line) => context.measureText(line).width)) / 2;
  const [half, rise] = [reach * Math.abs(Math.cos(angle)) + 8, reach * Math.abs(Math.sin(angle)) + 8];
  context.save();
  const place = slid(middle, angle, { left: half, right: width - half, top: rise, bottom: height - rise });
  context.translate(place.x, place.y);
  context.rotate(angle);
  lines.forEach((line, k) => written(context, line, { x: 0, y: side > 0 ? k * 14 : (k - lines.length + 1) * 14 }, inks.text, inks.page));
  context.restore();
}

/** Moves a title along its own direction, or straight where that would take it far, until it is inside. */
function slid({ x, y }: Pixel, angle: number, room: { left: number; right: number; top: number; bottom: number }): Pixel {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const dy = clamp(y, room.top, room.bottom) - y;
  const after = { x: x + (Math.abs(sin) > 0.3 ? (dy * cos) / sin : 0), y: y + dy };
  const dx = clamp(after.x, room.left, room.right) - after.x;
  return { x: after.x + dx, y: clamp(after.y + (Math.abs(cos) > 0.3 ? (dx * sin) / cos : 0), room.top, room.bottom) };
}

function clamp(value: number, low: number, high: number): number {
  return high < low ? (low + high) / 2 : Math.max(low, Math.min(high, value));
}

/** Unit vector on screen from one pixel to another; level for the upright axis. */
function direction(from: Pixel, to: Pixel, level: boolean): Pixel {
  if (level) return { x: -1, y: 0 };
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return { x: (to.x - from.x) / length, y: (to.y - from.y) / length };
}

/** The unit goes on a line of its own where the title would be longer than its edge. */
function brokenTo(context: CanvasRenderingContext2D, title: string, width: number): string[] {
  const unit = title.lastIndexOf(' (');
  return unit < 0 || context.measureText(title).width <= width ? [title] : [title.slice(0, unit), title.slice(unit + 1)];
}

function drawMark(context: CanvasRenderingContext2D, { x, y }: Pixel, kind: Mark['kind'], hidden: boolean, inks: Inks): void {
  context.save();
  context.translate(x, y);
  context.globalAlpha = hidden ? 0.6 : 1;
  if ('minimum' in kind) drawMinimum(context, kind.minimum, inks);
  else {
    const path = new Path2D(kind.path);
    context.lineWidth = 3;
    context.strokeStyle = inks.page;
    context.stroke(path);
    context.fillStyle = kind.hex;
    context.fill(path);
  }
  context.restore();
}

/** As on the maps: a cross where the objective is lowest, a dashed ring where another sheet is. */
export function drawMinimum(context: CanvasRenderingContext2D, sheet: number, inks: Inks): void {
  const path = new Path2D(sheet === 0 ? 'M-7,0h14m-7,-7v14' : 'M8,0A8,8 0 1,1 -8,0A8,8 0 1,1 8,0Z');
  context.lineWidth = 4.4;
  context.strokeStyle = inks.page;
  context.stroke(path);
  context.lineWidth = 2;
  context.strokeStyle = inks.text;
  context.setLineDash(sheet === 0 ? [] : [3, 2.3]);
  context.stroke(path);
  context.setLineDash([]);
}
