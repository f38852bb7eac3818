/**
 * What render.ts uses of two packages that are installed beside it only when the glyph sheet is built; declared here so
 * that the rest of the project type-checks without them.
 */
declare module 'opentype.js' {
  interface PathCommand { type: 'M' | 'L' | 'C' | 'Q' | 'Z'; x?: number; y?: number; x1?: number; y1?: number; x2?: number; y2?: number }
  interface Path { commands: PathCommand[]; getBoundingBox(): { x1: number; y1: number; x2: number; y2: number } }
  interface Glyph { getPath(x: number, y: number, fontSize: number): Path }
  interface Font {
    names: { windows?: { copyright?: { en?: string } } };
    charToGlyphIndex(character: string): number;
    charToGlyph(character: string): Glyph;
  }
  const opentype: { parse(buffer: ArrayBuffer): Font };
  export default opentype;
  export type { Font, Path, PathCommand };
}

declare module '@resvg/resvg-js' {
  export class Resvg {
    constructor(svg: string, options?: { font?: { loadSystemFonts?: boolean } });
    render(): { width: number; height: number; pixels: Uint8Array };
  }
}
