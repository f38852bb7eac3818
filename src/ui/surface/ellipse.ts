/**
 * Level sets of a quadratic on a plane, as a prior's −log p is one: c[0]·a² + c[1]·ab + c[2]·b² + c[3]·a + c[4]·b + c[5].
 * Where a Gaussian's −log p lies ½ above its least value is its 1σ ellipse, 2 above the 2σ one.
 */

export interface Ellipse {
  centre: { a: number; b: number };
  /** Half axes as vectors, the longer first, plane coordinates. */
  axes: [{ a: number; b: number }, { a: number; b: number }];
  /** Shown beside it: `1σ`. */
  label: string;
}

/** Where the quadratic lies `rise` above its minimum; null when it has none (a direction in which it does not rise). */
export function levelSet(coefficients: readonly number[], rise: number, label: string): Ellipse | null {
  const [aa, ab, bb, a1, b1] = coefficients as [number, number, number, number, number];
  const det = 4 * aa * bb - ab * ab;
  if (!(aa > 0 && bb > 0 && det > 1e-12 * aa * bb && rise > 0)) return null;
  const centre = { a: (ab * b1 - 2 * bb * a1) / det, b: (ab * a1 - 2 * aa * b1) / det };
  // Eigenvalues of [[aa, ab/2], [ab/2, bb]]; along an eigenvector of λ the level is √(rise/λ) away.
  const half = Math.hypot((aa - bb) / 2, ab / 2);
  const steep = (aa + bb) / 2 + half;
  const flat = det / (4 * steep);
  const angle = 0.5 * Math.atan2(ab, aa - bb);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [long, short] = [Math.sqrt(rise / flat), Math.sqrt(rise / steep)];
  return { centre, axes: [{ a: -sin * long, b: cos * long }, { a: cos * short, b: sin * short }], label };
}

/** The 1σ and 2σ ellipses of a prior from the coefficients of its −log p; none where it is flat along a direction. */
export function priorEllipses(coefficients: readonly number[]): Ellipse[] {
  return [levelSet(coefficients, 0.5, '1σ'), levelSet(coefficients, 2, '2σ')].filter((one) => one !== null);
}

/** The point at an angle (0: the end of the long axis). */
export function pointOn({ centre, axes: [p, q] }: Ellipse, angle: number): { a: number; b: number } {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return { a: centre.a + cos * p.a + sin * q.a, b: centre.b + cos * p.b + sin * q.b };
}

/** Control points of a cubic Bézier curve that is a quarter of a circle within 3·10⁻⁴; an affine map keeps it one of the ellipse. */
const KAPPA = 0.5522847498;

/** As an SVG path under linear scales. */
export function ellipsePath({ centre, axes: [p, q] }: Ellipse, x: (a: number) => number, y: (b: number) => number): string {
  const at = (s: number, t: number) => `${x(centre.a + s * p.a + t * q.a).toFixed(2)},${y(centre.b + s * p.b + t * q.b).toFixed(2)}`;
  const k = KAPPA;
  return `M${at(1, 0)}C${at(1, k)} ${at(k, 1)} ${at(0, 1)}C${at(-k, 1)} ${at(-1, k)} ${at(-1, 0)}C${at(-1, -k)} ${at(-k, -1)} ${at(0, -1)}C${at(k, -1)} ${at(1, -k)} ${at(1, 0)}Z`;
}
