/**
 * Builds the glyph sheet from the woff files of the @fontsource packages in families.ts (`npm run glyphs`):
 *   public/data/glyphs.png   8-bit grey, ink 255 on 0: 62 columns (A–Z a–z 0–9) of 28 × 28 tiles, a row a face
 *   public/data/glyphs.json  which face each row is, its licence, and the SHA-256 of the picture
 *   public/data/LICENCES.md  family, licence and copyright
 * The result is committed. The versions are pinned and outlines are drawn without hints or system fonts, so a second
 * run gives the same bytes. A face that lacks one of the characters is left out, and said.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Resvg } from '@resvg/resvg-js';
import { encode } from 'fast-png';
import opentype from 'opentype.js';
import type { Font, PathCommand } from 'opentype.js';
import { z } from 'zod';
import { FAMILIES, WEIGHTS } from './families.ts';
import type { Kind } from './families.ts';
import { CHARACTERS, place, TILE } from './layout.ts';
import type { Placement } from './layout.ts';

interface Face { family: string; package: string; packageVersion: string; kind: Kind; weight: number; licence: string; row: number }
interface Credit { family: string; url: string; licence: string; copyright: string }

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const output = (name: string): string => here(`../../../public/data/${name}`);

const manifestSchema = z.object({ version: z.string(), license: z.string().min(1), homepage: z.string() });
const metadataSchema = z.object({ family: z.string().min(1), license: z.object({ attribution: z.string() }) });

function readJson<T>(path: string, schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
}

function readFont(path: string): Font {
  const bytes = readFileSync(path);
  return opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** SVG path data in pixels of the row. Thousandths of a pixel lie far below one grey level. */
function pathData(commands: PathCommand[], { scale, x0, y0 }: Placement, left: number): string {
  const point = (x = 0, y = 0): string => `${(scale * x + x0 + left).toFixed(3)} ${(scale * y + y0).toFixed(3)}`;
  return commands.map((c) => {
    switch (c.type) {
      case 'M': case 'L': return `${c.type}${point(c.x, c.y)}`;
      case 'Q': return `Q${point(c.x1, c.y1)} ${point(c.x, c.y)}`;
      case 'C': return `C${point(c.x1, c.y1)} ${point(c.x2, c.y2)} ${point(c.x, c.y)}`;
      case 'Z': return 'Z';
      default: return c.type satisfies never;
    }
  }).join('');
}

/** One row of the sheet [TILE, CHARACTERS.length · TILE], ink 255. */
function drawRow(font: Font): Uint8Array {
  const paths = [...CHARACTERS].map((character) => font.charToGlyph(character).getPath(0, 0, 1000));
  const placements = place(paths.map((path) => path.getBoundingBox()));
  const width = CHARACTERS.length * TILE;
  const ink = placements.map((placement, i) => `<path d="${pathData(paths[i]?.commands ?? [], placement, i * TILE)}"/>`).join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${TILE}"><rect width="100%" height="100%"/><g fill="#fff">${ink}</g></svg>`;
  const picture = new Resvg(svg, { font: { loadSystemFonts: false } }).render();
  const rgba = picture.pixels;
  if (picture.width !== width || rgba.length !== width * TILE * 4) throw new Error('The rasteriser gave a picture of another size.');
  return Uint8Array.from({ length: width * TILE }, (_, i) => rgba[4 * i]!);
}

/** What the font file itself says; else the package's notice, which covers each file in turn, the regular one first. */
function copyrightOf(font: Font, attribution: string): string {
  const own = font.names.windows?.copyright?.en;
  return (own ?? attribution.split(/\s+\S+\.(?:ttf|otf):/)[0]!).replace(/\s+/g, ' ').trim();
}

const faces: Face[] = [];
const rows: Uint8Array[] = [];
const credits: Credit[] = [];

for (const kind of ['print', 'handwriting'] as const) {
  for (const id of FAMILIES[kind]) {
    const name = `@fontsource/${id}`;
    const folder = here(`node_modules/${name}`);
    const manifest = readJson(`${folder}/package.json`, manifestSchema);
    const metadata = readJson(`${folder}/metadata.json`, metadataSchema);
    let copyright: string | undefined;
    for (const weight of WEIGHTS) {
      const path = `${folder}/files/${id}-latin-${weight}-normal.woff`;
      if (!existsSync(path)) continue;
      const font = readFont(path);
      const missing = [...CHARACTERS].filter((character) => font.charToGlyphIndex(character) === 0);
      if (missing.length > 0) {
        console.warn(`${name} ${weight} left out: it lacks ${missing.join('')}`);
        continue;
      }
      const face = { family: metadata.family, package: name, packageVersion: manifest.version, kind, weight, licence: manifest.license };
      faces.push({ ...face, row: rows.length });
      rows.push(drawRow(font));
      copyright ??= copyrightOf(font, metadata.license.attribution);
    }
    if (copyright !== undefined) credits.push({ family: metadata.family, url: manifest.homepage, licence: manifest.license, copyright });
  }
}

const stride = CHARACTERS.length * TILE;
const pixels = new Uint8Array(rows.length * TILE * stride);
rows.forEach((row, i) => pixels.set(row, i * TILE * stride));
const png = encode({ width: stride, height: rows.length * TILE, data: pixels, depth: 8, channels: 1 }, { zlib: { level: 9 } });
const sha256 = createHash('sha256').update(png).digest('hex');

const head = JSON.stringify({ version: 1, tile: TILE, characters: CHARACTERS, sha256 }).slice(1, -1);
const json = `{${head},"faces":[\n${faces.map((face) => JSON.stringify(face)).join(',\n')}\n]}\n`;
const licences = `# Licences of the typefaces in glyphs.png

The sheet shows the outlines of these typefaces, made smaller and turned into pixels; it holds no font files. Each
typeface belongs to its authors and is used under the licence named, whose text stands in the named package.

| Family | Licence | Copyright |
|---|---|---|
${credits.sort((a, b) => (a.family < b.family ? -1 : 1)).map((c) => `| [${c.family}](${c.url}) | ${c.licence} | ${c.copyright.replaceAll('|', '\\|')} |`).join('\n')}
`;

writeFileSync(output('glyphs.png'), png);
writeFileSync(output('glyphs.json'), json);
writeFileSync(output('LICENCES.md'), licences);
console.log(`${faces.length} faces, ${png.length} bytes, SHA-256 ${sha256}`);
