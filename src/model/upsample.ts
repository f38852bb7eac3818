/**
 * Bilinear upsampling by pixels as squares, as PyTorch's `align_corners=False`: output i of H lies at (i + ½)·h/H − ½ of the h inputs, clamped to
 * them. Along one axis; two axes are their product.
 */
export interface Taps {
  /** [outputs]: inputs on either side, and the share of the second. */
  low: Uint32Array;
  high: Uint32Array;
  share: Float64Array;
}

export function upsampleTaps(inputs: number, outputs: number): Taps {
  const taps: Taps = { low: new Uint32Array(outputs), high: new Uint32Array(outputs), share: new Float64Array(outputs) };
  for (let i = 0; i < outputs; i++) {
    const at = Math.min(inputs - 1, Math.max(0, ((i + 0.5) * inputs) / outputs - 0.5));
    taps.low[i] = Math.floor(at);
    taps.high[i] = Math.min(inputs - 1, taps.low[i]! + 1);
    taps.share[i] = at - taps.low[i]!;
  }
  return taps;
}
