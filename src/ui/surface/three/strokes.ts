/** Lines of a width in CSS pixels (WebGL's own are one device pixel), in arrays that are made once for a number of segments. */
import { Color } from 'three';
import { LineMaterial } from 'three/examples/jsm/lines/LineMaterial.js';
import { LineSegments2 } from 'three/examples/jsm/lines/LineSegments2.js';
import { LineSegmentsGeometry } from 'three/examples/jsm/lines/LineSegmentsGeometry.js';

export class Strokes {
  readonly lines: LineSegments2;
  readonly segments: number;
  /** x, y, z of both ends of a segment. Written in place; `show` uploads. */
  readonly ends: Float32Array;
  private readonly colours: Float32Array;

  constructor(segments: number, width: number, order: number) {
    this.segments = segments;
    this.ends = new Float32Array(6 * segments);
    this.colours = new Float32Array(6 * segments);
    const geometry = new LineSegmentsGeometry();
    geometry.setPositions(this.ends);
    geometry.setColors(this.colours);
    this.lines = new LineSegments2(geometry, new LineMaterial({ linewidth: width, vertexColors: true }));
    this.lines.frustumCulled = false;
    this.lines.renderOrder = order;
  }

  /** One colour, `#rrggbb`, for segments [from, to). */
  paint(hex: string, from = 0, to = this.segments): void {
    const { r, g, b } = new Color(hex);
    for (let k = 2 * from; k < 2 * to; k++) this.colours.set([r, g, b], 3 * k);
  }

  show(): void {
    // Both ends are views of one interleaved buffer.
    for (const name of ['instanceStart', 'instanceColorStart']) {
      const attribute = this.lines.geometry.getAttribute(name);
      if ('data' in attribute) attribute.data.needsUpdate = true;
    }
  }

  dispose(): void {
    this.lines.geometry.dispose();
    this.lines.material.dispose();
  }
}
