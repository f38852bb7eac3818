/** Saving what the page shows: pictures (SVG, PNG), tables (CSV), text and bytes, each as a download under a plain name. */
import { LabError } from '../../core/errors.ts';
import { csv, type CsvValue } from '../../storage/exports.ts';
import { pictureOf } from './picture.ts';

/** `element`: an SVG, or an element whose SVGs and captions make one picture (picture.ts). */
export function saveSvg(element: HTMLElement | SVGSVGElement, name: string): void {
  saveText(pictureOf(element).text, withEnding(name, 'svg'), 'image/svg+xml');
}

/** `scale`: pixels per CSS pixel. Throws LabError when the browser cannot draw or encode the picture. */
export async function savePng(element: HTMLElement | SVGSVGElement, name: string, scale = 2): Promise<void> {
  const { text, width, height } = pictureOf(element);
  const image = new Image();
  const url = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
  try {
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (!blob) throw new LabError('memory', 'The picture is too large for this browser to encode as PNG; save it as SVG instead.');
    saveBlob(blob, withEnding(name, 'png'));
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** The first row is the header. Values that are not finite become empty fields. */
export function saveCsv(rows: readonly (readonly CsvValue[])[], name: string): void {
  saveText(csv(rows), withEnding(name, 'csv'), 'text/csv');
}

export function saveText(text: string, name: string, type = 'text/plain'): void {
  saveBlob(new Blob([text], { type: `${type};charset=utf-8` }), name);
}

/** Said when the browser refuses. */
export const NOT_COPIED = 'The browser did not allow copying; take the link from the address bar, which holds the same settings.';

export async function copyText(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
}

export function saveBytes(bytes: Uint8Array<ArrayBuffer>, name: string, type = 'application/octet-stream'): void {
  saveBlob(new Blob([bytes], { type }), name);
}

function withEnding(name: string, ending: string): string {
  return name.endsWith(`.${ending}`) ? name : `${name}.${ending}`;
}

export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Some browsers read the address after the click has returned.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
