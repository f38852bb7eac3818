/**
 * A picture that opens alone: every SVG and every canvas under an element (a canvas as what was registered for it, as its
 * pixels otherwise) and every piece of text marked `data-caption`, placed where the
 * page shows it, with the page's computed styles written into it and a background behind. What is marked
 * `data-controls` or `data-transient` (buttons, crosshairs) stays out.
 */

const SVG = 'http://www.w3.org/2000/svg';
const MARGIN = 16;

/** Properties that decide how an SVG element looks. */
const STYLES = [
  'fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-opacity', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin', 'opacity', 'paint-order',
  'font-family', 'font-size', 'font-weight', 'font-style', 'font-variant-numeric', 'text-anchor', 'dominant-baseline', 'visibility',
] as const;

export interface Picture {
  /** A whole SVG document. */
  text: string;
  width: number;
  height: number;
}

const VECTORS = new WeakMap<HTMLCanvasElement, () => SVGElement>();

/**
 * What stands for a canvas in a saved picture: made when it is saved, in the canvas's CSS pixels, with all its styles as
 * attributes. Returns how to take that back.
 */
export function drawnAs(canvas: HTMLCanvasElement, draw: () => SVGElement): () => void {
  VECTORS.set(canvas, draw);
  return () => {
    if (VECTORS.get(canvas) === draw) VECTORS.delete(canvas);
  };
}

export function pictureOf(element: HTMLElement | SVGSVGElement): Picture {
  const frame = element.getBoundingClientRect();
  const width = Math.ceil(frame.width) + 2 * MARGIN;
  const height = Math.ceil(frame.height) + 2 * MARGIN;
  const root = document.createElementNS(SVG, 'svg');
  for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) root.setAttribute(name, String(value));
  const background = document.createElementNS(SVG, 'rect');
  background.setAttribute('width', '100%');
  background.setAttribute('height', '100%');
  background.setAttribute('fill', backgroundOf(element));
  root.append(background);
  const at = (box: DOMRect) => ({ x: box.left - frame.left + MARGIN, y: box.top - frame.top + MARGIN });
  for (const drawing of drawings(element)) {
    const place = at(drawing.getBoundingClientRect());
    root.append(drawing instanceof HTMLCanvasElement ? canvasAt(drawing, place) : placed(drawing, place));
  }
  for (const caption of element.querySelectorAll<HTMLElement>('[data-caption]')) {
    if (!isShown(caption)) continue;
    for (const line of linesOf(caption)) root.append(written(line.text, at(line.box), line.box.height, caption));
  }
  return { text: new XMLSerializer().serializeToString(root), width, height };
}

/** In the page's order: what lies below comes first. */
function drawings(element: Element): (SVGSVGElement | HTMLCanvasElement)[] {
  if (element instanceof SVGSVGElement) return [element];
  return [...element.querySelectorAll<SVGSVGElement | HTMLCanvasElement>('svg, canvas')].filter((one) => isShown(one) && !one.parentElement?.closest('svg'));
}

function isShown(element: Element): boolean {
  const box = element.getBoundingClientRect();
  return !element.closest('[data-controls], [data-transient]') && box.width > 1 && box.height > 1;
}

function placed(svg: SVGSVGElement, { x, y }: { x: number; y: number }): Element {
  const copy = document.importNode(svg, true);
  inline(svg, copy);
  const { width, height } = svg.getBoundingClientRect();
  for (const [name, value] of Object.entries({ x, y, width, height, overflow: 'visible' })) copy.setAttribute(name, String(value));
  return copy;
}

function canvasAt(canvas: HTMLCanvasElement, { x, y }: { x: number; y: number }): Element {
  const { width, height } = canvas.getBoundingClientRect();
  const frame = document.createElementNS(SVG, 'svg');
  for (const [name, value] of Object.entries({ x, y, width, height, overflow: 'hidden' })) frame.setAttribute(name, String(value));
  frame.append(VECTORS.get(canvas)?.() ?? pixelsOf(canvas, width, height));
  return frame;
}

function pixelsOf(canvas: HTMLCanvasElement, width: number, height: number): Element {
  const image = document.createElementNS(SVG, 'image');
  for (const [name, value] of Object.entries({ href: canvas.toDataURL('image/png'), width, height, preserveAspectRatio: 'none' })) image.setAttribute(name, String(value));
  return image;
}

/** Writes the computed styles of `from` and all below it into the copy; drops what is hidden or transient. */
function inline(from: Element, to: Element): void {
  const style = getComputedStyle(from);
  for (const name of STYLES) {
    const value = style.getPropertyValue(name);
    if (value) to.setAttribute(name, value);
  }
  for (const name of ['class', 'style', 'tabindex', 'role']) to.removeAttribute(name);
  const copies = [...to.children];
  [...from.children].forEach((child, i) => {
    const copy = copies[i]!;
    if (child.hasAttribute('data-transient') || getComputedStyle(child).display === 'none') copy.remove();
    else inline(child, copy);
  });
}

/** The lines of text as they are broken on the page. */
function linesOf(element: HTMLElement): { text: string; box: DOMRect }[] {
  const lines: { text: string; box: DOMRect; right: number }[] = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    for (const word of (node.textContent ?? '').matchAll(/\S+/g)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const box = range.getBoundingClientRect();
      const last = lines.at(-1);
      if (box.width === 0) continue;
      if (last && Math.abs(last.box.top - box.top) < box.height / 2 && box.left >= last.box.left) {
        // Words of neighbouring text nodes may touch: no space between them then.
        last.text += box.left - last.right > 1 ? ` ${word[0]}` : word[0];
        last.right = box.right;
      } else lines.push({ text: word[0], box, right: box.right });
    }
  }
  return lines;
}

function written(line: string, { x, y }: { x: number; y: number }, height: number, like: HTMLElement): Element {
  const text = document.createElementNS(SVG, 'text');
  const style = getComputedStyle(like);
  const attributes = {
    x, y: y + 0.76 * height, fill: style.color, 'font-family': style.fontFamily, 'font-size': style.fontSize, 'font-weight': style.fontWeight,
    'font-variant-numeric': style.fontVariantNumeric, opacity: style.opacity,
  };
  for (const [name, value] of Object.entries(attributes)) text.setAttribute(name, String(value));
  text.textContent = line;
  return text;
}

/** The first background that is not transparent, from the element upwards. */
function backgroundOf(element: Element): string {
  for (let at: Element | null = element; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (colour && colour !== 'transparent' && !/,\s*0\)$/.test(colour)) return colour;
  }
  return '#ffffff';
}
