/** Everything that stands in the box: sheets, grid lines, stems, paths and the minima's feet. `update` writes new content into what is there. */
import { Group } from 'three';
import { reading } from '../../charts/format.ts';
import { pointPath } from '../MapMarks.tsx';
import { type BoxTicks, type Face, faceLines, FACES, frameOf, isFar, lowestOf, ticksOf } from './box.ts';
import { armHex, type Content, inksOf, pointText } from './content.ts';
import { type Frame, heightOver, isHidden, type Vector, worldA, worldB } from './mesh.ts';
import { SheetMesh } from './sheet.ts';
import { Strokes } from './strokes.ts';
import { layTrail, NOWHERE, trailPath } from './trail.ts';

/** What is drawn over the picture, in pixels, at a place in the box. */
export interface Mark {
  at: Vector;
  kind: { path: string; hex: string } | { minimum: number };
  /** Null: marked, named elsewhere. */
  text: string | null;
}

export class LossScene {
  readonly group = new Group();
  frame: Frame;
  ticks: BoxTicks = { a: [], b: [], loss: [] };
  marks: Mark[] = [];
  private sheets: SheetMesh[] = [];
  private opaque: SheetMesh[] = [];
  private readonly faces = new Map<Face, Strokes>();
  private box = '';
  private stems: Strokes | null = null;
  private feet: Strokes | null = null;
  private trails: { of: Content['trails']; a: readonly number[]; b: readonly number[]; paths: Float32Array[]; strokes: Strokes } | null = null;

  constructor(content: Content) {
    this.frame = frameOf(content.a, content.b, lowestOf(content.sheets), content.ceiling);
  }

  update(content: Content): void {
    this.frame = frameOf(content.a, content.b, lowestOf(content.sheets), content.ceiling);
    this.updateBox(content.dark);
    this.updateSheets(content);
    this.updateTrails(content);
    this.marks = [];
    this.updatePoints(content);
    this.updateMinima(content);
  }

  /** Shows the walls that are behind everything from where the eye is. */
  turn(eye: Vector): void {
    for (const [face, { lines }] of this.faces) lines.visible = isFar(this.frame, face, eye);
  }

  hides(eye: Vector, point: Vector): boolean {
    return this.opaque.some(({ arrays }) => isHidden(arrays, this.frame, eye, point));
  }

  dispose(): void {
    for (const sheet of this.sheets) sheet.dispose();
    for (const strokes of [this.stems, this.feet, this.trails?.strokes, ...this.faces.values()]) strokes?.dispose();
  }

  private updateBox(dark: boolean): void {
    const { a, b, floor, ceiling } = this.frame;
    const box = JSON.stringify([a[0], a.at(-1), b[0], b.at(-1), floor, ceiling, dark]);
    if (box === this.box) return;
    this.box = box;
    this.ticks = ticksOf(this.frame, 5);
    for (const face of FACES) {
      const old = this.faces.get(face);
      if (old) this.without({ strokes: old });
      const ends = faceLines(this.frame, this.ticks, face);
      const strokes = new Strokes(ends.length / 6, 1, -1);
      strokes.ends.set(ends);
      strokes.paint(face === 'floor' ? inksOf(dark).axis : inksOf(dark).grid);
      strokes.show();
      this.faces.set(face, strokes);
      this.group.add(strokes.lines);
    }
  }

  private updateSheets({ a, b, sheets, dark }: Content): void {
    if (sheets.length !== this.sheets.length || this.sheets.some((sheet) => !sheet.fits(a.length, b.length))) {
      for (const sheet of this.sheets) {
        this.group.remove(sheet.mesh);
        sheet.dispose();
      }
      this.sheets = sheets.map((_, k) => new SheetMesh(a.length, b.length, k));
      this.group.add(...this.sheets.map((sheet) => sheet.mesh));
    }
    this.sheets.forEach((sheet, k) => sheet.update(sheets[k]!, this.frame, dark));
    this.opaque = this.sheets.filter((_, k) => sheets[k]!.opacity > 0.8);
  }

  private updateTrails({ a, b, trails, dark }: Content): void {
    if (this.trails?.of !== trails || this.trails.a !== a || this.trails.b !== b) {
      this.trails = this.without(this.trails);
      const paths = trails.map((trail) => trailPath(trail, this.frame));
      const segments = paths.reduce((sum, path) => sum + Math.max(0, path.length / 2 - 1), 0);
      if (segments > 0) {
        this.trails = { of: trails, a, b, paths, strokes: new Strokes(segments, 2.4, 5) };
        this.group.add(this.trails.strokes.lines);
      }
    }
    const ground = this.sheets[0];
    if (!this.trails || !ground) return;
    let from = 0;
    this.trails.paths.forEach((path, k) => {
      const segments = Math.max(0, path.length / 2 - 1);
      layTrail(path, ground.arrays, this.frame, this.trails!.strokes.ends, 6 * from);
      this.trails!.strokes.paint(armHex(trails[k]!.arm, dark), from, from + segments);
      from += segments;
    });
    this.trails.strokes.show();
  }

  private without<T extends { strokes: Strokes }>(old: T | null): null {
    if (old) {
      this.group.remove(old.strokes.lines);
      old.strokes.dispose();
    }
    return null;
  }

  /** `strokes` when it has this many segments, otherwise a new one in its place. */
  private sized(strokes: Strokes | null, segments: number, width: number): Strokes | null {
    if (strokes?.segments === segments) return strokes;
    if (strokes) this.without({ strokes });
    if (segments === 0) return null;
    const made = new Strokes(segments, width, 4);
    this.group.add(made.lines);
    return made;
  }

  private updatePoints({ points, dark }: Content): void {
    this.stems = this.sized(this.stems, points.length, 1.6);
    points.forEach((point, k) => {
      const [x, z] = [worldA(this.frame, point.a), worldB(this.frame, point.b)];
      const heights = this.sheets.map((sheet) => heightOver(sheet.arrays, this.frame, x, z)).filter(Number.isFinite);
      const top = heights.length === 0 ? NaN : Math.max(...heights);
      const within = Number.isFinite(x + z) && Math.abs(x) <= this.frame.halfA && Math.abs(z) <= this.frame.halfB;
      this.stems!.ends.set(within && top > 0 ? [x, 0, z, x, Math.min(this.frame.tall, top), z] : NOWHERE, 6 * k);
      this.stems!.paint(armHex(point.arm, dark), k, k + 1);
      if (!within) return;
      const kind = { path: pointPath(point, 5.5), hex: armHex(point.arm, dark) };
      const inside = heights.filter((height) => height <= this.frame.tall);
      const above = inside.length < heights.length;
      const places = [...inside, ...(above ? [this.frame.tall] : [])];
      const highest = Math.max(...places);
      for (const y of places) this.marks.push({ at: { x, y, z }, kind, text: y === highest ? `${pointText(point)}${above ? ' ↑' : ''}` : null });
    });
    this.stems?.show();
  }

  /** A foot below every minimum, and from foot to foot the alignment gap as it lies in the plane. */
  private updateMinima({ minima, dark }: Content): void {
    this.feet = this.sized(this.feet, minima.length === 0 ? 0 : 2 * minima.length - 1, 1.4);
    const tops = minima.map(({ sheet, a, b, value }) => {
      const [x, z] = [worldA(this.frame, a), worldB(this.frame, b)];
      const arrays = this.sheets[sheet]?.arrays;
      const y = arrays ? heightOver(arrays, this.frame, x, z) : NaN;
      const at = { x, y: Math.min(this.frame.tall, y), z };
      if (Number.isFinite(y)) this.marks.push({ at, kind: { minimum: sheet }, text: `min ${reading(value)}` });
      return at;
    });
    tops.forEach(({ x, y, z }, k) => {
      this.feet!.ends.set(y > 0 ? [x, 0, z, x, y, z] : NOWHERE, 6 * k);
      const next = tops[k + 1];
      if (next) this.feet!.ends.set(Number.isFinite(y + next.y) && Math.hypot(x - next.x, z - next.z) > 0 ? [x, 0.004, z, next.x, 0.004, next.z] : NOWHERE, 6 * (minima.length + k));
    });
    this.feet?.paint(inksOf(dark).text);
    this.feet?.show();
  }
}
