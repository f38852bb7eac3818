/** Scales from data to pixels and the ticks on them, linear and logarithmic. */

export interface Scale {
  (value: number): number;
  domain: readonly [number, number];
  range: readonly [number, number];
  /** Pixels back to data. */
  invert: (pixel: number) => number;
}

export function linearScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [low, high] = domain;
  const span = high - low || 1;
  const scale = (value: number) => range[0] + ((value - low) / span) * (range[1] - range[0]);
  const invert = (pixel: number) => low + ((pixel - range[0]) / (range[1] - range[0] || 1)) * span;
  return Object.assign(scale, { domain, range, invert });
}

/** Both ends of the domain must be positive. */
export function logScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const inner = linearScale([Math.log10(domain[0]), Math.log10(domain[1])], range);
  return Object.assign((value: number) => inner(Math.log10(value)), { domain, range, invert: (pixel: number) => 10 ** inner.invert(pixel) });
}

/** Round numbers (1, 2 or 5 times a power of ten apart) within [low, high], about `count` of them. */
export function niceTicks(low: number, high: number, count: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const lead = rough / power;
  const step = (lead < Math.SQRT2 ? 1 : lead < Math.sqrt(10) ? 2 : lead < Math.sqrt(50) ? 5 : 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Powers of ten within [low, high], thinned to at most `most`; 1, 2, 5 within less than two decades. */
export function logTicks(low: number, high: number, most = 6): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const powers = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
  if (powers.length <= 2) {
    const fine = [first - 1, ...powers].flatMap((power) => [1, 2, 5].map((lead) => Number((lead * 10 ** power).toPrecision(6))));
    const inside = fine.filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
    if (inside.length >= 2) return inside;
  }
  const stride = Math.ceil(powers.length / most);
  return powers.filter((power) => (power - first) % stride === 0).map((power) => Number((10 ** power).toPrecision(6)));
}

/** Value below which the share q of the finite values lies, interpolated; NaN of nothing. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return NaN;
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low]! + (at - low) * ((sorted[low + 1] ?? sorted[low]!) - sorted[low]!);
}

/** Moves label centres apart along one axis until each has `gap`, staying in order and within [low, high] where that can be. */
export function dodge(centres: readonly number[], gap: number, low: number, high: number): number[] {
  const order = centres.map((_, i) => i).sort((i, j) => centres[i]! - centres[j]!);
  // Blocks of touching labels, each around the mean of where its labels want to be.
  const blocks: { members: number[]; centre: number }[] = [];
  for (const i of order) {
    blocks.push({ members: [i], centre: inside(centres[i]!, 0) });
    for (let last = blocks.length - 1; last > 0; last--) {
      const [before, after] = [blocks[last - 1]!, blocks[last]!];
      if (after.centre - before.centre >= ((before.members.length + after.members.length) / 2) * gap) break;
      const members = [...before.members, ...after.members];
      const wanted = members.reduce((sum, k, at) => sum + centres[k]! - (at - (members.length - 1) / 2) * gap, 0) / members.length;
      blocks.splice(last - 1, 2, { members, centre: inside(wanted, ((members.length - 1) / 2) * gap) });
    }
  }
  const out = new Array<number>(centres.length).fill(0);
  for (const { members, centre } of blocks) members.forEach((k, at) => (out[k] = centre + (at - (members.length - 1) / 2) * gap));
  return out;

  function inside(centre: number, half: number): number {
    return Math.max(low + half, Math.min(high - half, centre));
  }
}
