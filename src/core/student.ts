/**
 * Student's t: quantile, two-sided tail at whole degrees of freedom, the power of a two-sided t test, and the smallest difference that
 * a paired comparison could have seen.
 */
import tQuantileUntyped from '@stdlib/stats-base-dists-t-quantile';

/** Quantile of Student's t with `degrees` of freedom: tQuantile(0.975, 4) = 2.776. */
export function tQuantile(p: number, degrees: number): number {
  // Intervals ask for the same few again and again, and an inverse beta function is slow.
  if (p !== 0.975 || degrees > 1000) return tQuantileUntyped(p, degrees);
  const known = USUAL.get(degrees) ?? tQuantileUntyped(p, degrees);
  USUAL.set(degrees, known);
  return known;
}

/** Degrees of freedom → the quantile at 0.975. */
const USUAL = new Map<number, number>();

/** P(|T| > |t|) at whole `degrees` of freedom, by the finite series of Abramowitz & Stegun 26.7.3–4; NaN of NaN. Absolute error below 1e-14. */
export function tTwoSided(t: number, degrees: number): number {
  if (!Number.isInteger(degrees) || degrees < 1) throw new RangeError(`Student's t needs whole degrees of freedom of at least 1, not ${degrees}.`);
  if (Number.isNaN(t)) return NaN;
  const angle = Math.atan(Math.abs(t) / Math.sqrt(degrees));
  const square = Math.cos(angle) ** 2;
  const odd = degrees % 2 === 1;
  let term = odd ? Math.cos(angle) : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= (square * (k - 1)) / k;
    sum += term;
  }
  const inside = odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
  return Math.max(0, 1 - inside);
}

/** Φ(x), absolute error below 1.5e-7 (Abramowitz & Stegun 7.1.26). */
function normalDistribution(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const k = 1 / (1 + 0.3275911 * z);
  const tail = 0.5 * k * (0.254829592 + k * (-0.284496736 + k * (1.421413741 + k * (-1.453152027 + k * 1.061405429)))) * Math.exp(-z * z);
  return x < 0 ? tail : 1 - tail;
}

/** Pieces of the quadrature over s = √(χ²/ν). */
const PIECES = 600;

/**
 * Power of a two-sided t test at level `alpha` with `degrees` of freedom and non-centrality δ = √n·difference/sd:
 * P(|Z + δ| > t_{1−α/2}·s), Z standard normal, ν·s² chi-squared, by the midpoint rule over s (to about 1e-6).
 */
export function tPower(noncentrality: number, degrees: number, alpha: number): number {
  const critical = tQuantile(1 - alpha / 2, degrees);
  const high = 1 + 9 / Math.sqrt(2 * degrees);
  let [weight, inside] = [0, 0];
  for (let i = 0; i < PIECES; i++) {
    const s = ((i + 0.5) * high) / PIECES;
    // The density of s up to a factor, 1 at its mode; the factor cancels.
    const density = Math.exp((degrees - 1) * Math.log(s) - (degrees * (s * s - 1)) / 2);
    weight += density;
    inside += density * (normalDistribution(critical * s - noncentrality) - normalDistribution(-critical * s - noncentrality));
  }
  return 1 - inside / weight;
}

/**
 * The true difference that a paired comparison of `n` differences with standard deviation `sd` sees with probability `power`
 * at level `alpha`, in the unit of `sd`. NaN below two differences.
 */
export function minimalDetectable(n: number, sd: number, { power = 0.8, alpha = 0.05 } = {}): number {
  if (n < 2 || !Number.isFinite(sd)) return NaN;
  let [low, high] = [0, 1];
  while (tPower(high, n - 1, alpha) < power) [low, high] = [high, 2 * high];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (tPower(middle, n - 1, alpha) < power) low = middle;
    else high = middle;
  }
  return (high * sd) / Math.sqrt(n);
}
