/** The 3-D view as a PNG: title, sheets with axes and marks, and the legend below. */
import { LabError } from '../../../core/errors.ts';
import { armHex, type Inks, inksOf, type LegendEntry } from './content.ts';
import { lossTable } from './mesh.ts';
import { drawMinimum } from './overlay.ts';
import type { Show } from './Scene3D.tsx';

const MARGIN = 16;
const ROW = 22;

interface PictureParts {
  show: Show;
  title: string;
  legend: readonly LegendEntry[];
  dark: boolean;
  font: string;
  ratio: number;
}

/** Throws LabError('memory') when the browser cannot encode the picture. */
export async function picturePng({ show, title, legend, dark, font, ratio }: PictureParts): Promise<Blob> {
  const inks = inksOf(dark);
  const { picture, width, height } = show.snapshot(ratio);
  const sheet = document.createElement('canvas');
  const context = sheet.getContext('2d');
  const places = context ? placed(context, legend, width, font) : [];
  const rows = 1 + Math.max(0, ...places.map((place) => place.row));
  const full = { width: width + 2 * MARGIN, height: height + 2 * MARGIN + ROW + rows * ROW };
  [sheet.width, sheet.height] = [Math.round(full.width * ratio), Math.round(full.height * ratio)];
  if (context) {
    context.scale(ratio, ratio);
    context.fillStyle = inks.page;
    context.fillRect(0, 0, full.width, full.height);
    context.textBaseline = 'middle';
    context.fillStyle = inks.text;
    context.font = `600 14px ${font}`;
    context.font = `600 ${Math.min(14, (14 * width) / context.measureText(title).width)}px ${font}`;
    context.fillText(title, MARGIN, MARGIN + 7);
    context.drawImage(picture, MARGIN, MARGIN + ROW, width, height);
    for (const { entry, x, row } of places) drawEntry(context, entry, { x: MARGIN + x, y: MARGIN + ROW + height + (row + 0.5) * ROW }, inks, dark, font);
  }
  const blob = await new Promise<Blob | null>((resolve) => sheet.toBlob(resolve, 'image/png'));
  if (!blob) throw new LabError('memory', 'The picture is too large for this browser to encode as PNG; make the window smaller and save again.');
  return blob;
}

const SWATCH = 44;

export function entryText(entry: LegendEntry): string {
  return entry.kind === 'sheet' && entry.colours === 'loss' ? `${entry.text} (${entry.low} to ≥ ${entry.high} nats)` : entry.text;
}

function placed(context: CanvasRenderingContext2D, legend: readonly LegendEntry[], width: number, font: string): { entry: LegendEntry; x: number; row: number }[] {
  context.font = `12px ${font}`;
  let [x, row] = [0, 0];
  return legend.map((entry) => {
    const wide = SWATCH + 8 + context.measureText(entryText(entry)).width;
    if (x > 0 && x + wide > width) [x, row] = [0, row + 1];
    const place = { entry, x, row };
    x += wide + 20;
    return place;
  });
}

function drawEntry(context: CanvasRenderingContext2D, entry: LegendEntry, { x, y }: { x: number; y: number }, inks: Inks, dark: boolean, font: string): void {
  context.save();
  context.translate(x, y - 7);
  drawSwatch(context, entry, SWATCH, 14, dark);
  context.restore();
  context.font = `12px ${font}`;
  context.textAlign = 'left';
  context.fillStyle = inks.text;
  context.fillText(entryText(entry), x + SWATCH + 8, y);
}

/** The sign of an entry in a box of width × height from (0, 0). */
export function drawSwatch(context: CanvasRenderingContext2D, entry: LegendEntry, width: number, height: number, dark: boolean): void {
  const inks = inksOf(dark);
  const middle = { x: width / 2, y: height / 2 };
  switch (entry.kind) {
    case 'sheet': {
      if (entry.colours === 'loss') {
        const table = lossTable();
        const gradient = context.createLinearGradient(0, 0, width, 0);
        // Evenly in the share, which is the square root of the loss.
        for (let k = 0; k <= 8; k++) {
          const at = 4 * Math.round((k / 8) * 255);
          gradient.addColorStop(k / 8, `rgb(${table[at]} ${table[at + 1]} ${table[at + 2]})`);
        }
        context.fillStyle = gradient;
        context.fillRect(0, 0, width, height);
      } else {
        context.globalAlpha = 0.45;
        context.fillStyle = inks.sheet;
        context.fillRect(0, 0, width, height);
        context.globalAlpha = 1;
        context.strokeStyle = inks.wire;
        context.lineWidth = 1;
        context.beginPath();
        if (entry.wire) {
          for (let k = 0; k <= 6; k++) stroke(context, [0.5 + (k * (width - 1)) / 6, 0], [0.5 + (k * (width - 1)) / 6, height]);
          for (let k = 0; k <= 2; k++) stroke(context, [0, 0.5 + (k * (height - 1)) / 2], [width, 0.5 + (k * (height - 1)) / 2]);
        } else context.rect(0.5, 0.5, width - 1, height - 1);
        context.stroke();
      }
      return;
    }
    case 'minimum':
      context.save();
      context.translate(middle.x, middle.y);
      context.scale(height / 20, height / 20);
      drawMinimum(context, entry.sheet, inks);
      context.restore();
      return;
    case 'trail':
      context.strokeStyle = armHex(entry.arm, dark);
      context.lineWidth = 2.4;
      context.beginPath();
      context.moveTo(4, middle.y);
      context.lineTo(width - 4, middle.y);
      context.stroke();
      return;
    default: entry satisfies never;
  }
}

function stroke(context: CanvasRenderingContext2D, from: readonly [number, number], to: readonly [number, number]): void {
  context.moveTo(...from);
  context.lineTo(...to);
}
