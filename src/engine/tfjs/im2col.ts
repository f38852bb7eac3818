/**
 * Convolution as a matrix product. x [B, H, W, C]; patches [P, Q] with P = B·oh·ow output positions and
 * Q = kernel²·C taps in the order (ky, kx, c), zero where the kernel hangs over the edge (symmetric padding).
 */
export interface ConvShape {
  height: number;
  width: number;
  channels: number;
  outputs: number;
  kernel: number;
  stride: number;
  padding: number;
  dilation: number;
  /** Output height and width. */
  oh: number;
  ow: number;
  /** Q = kernel²·channels. */
  taps: number;
}

export function convShape(
  input: { height: number; width: number; channels: number },
  layer: { outputs: number; kernel: number; stride: number; padding: number; dilation?: number },
): ConvShape {
  const { outputs, kernel, stride, padding, dilation = 1 } = layer;
  const reach = (length: number): number => Math.floor((length + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
  return { ...input, outputs, kernel, stride, padding, dilation, oh: reach(input.height), ow: reach(input.width), taps: kernel * kernel * input.channels };
}

/** Runs of neighbouring pixels that the taps of one kernel row make, and taps of a run: a dilated kernel's stand apart. */
function runsOf({ kernel, dilation }: ConvShape): { runs: number; taps: number } {
  return dilation === 1 ? { runs: 1, taps: kernel } : { runs: kernel, taps: 1 };
}

/** patches [P, Q] from x [B, H, W, C]. */
export function im2col(x: Float32Array, batch: number, shape: ConvShape, patches: Float32Array): void {
  const { height, width, channels, kernel, stride, padding, dilation, oh, ow } = shape;
  const { runs, taps } = runsOf(shape);
  const length = taps * channels;
  let write = 0;
  for (let b = 0; b < batch; b++) {
    const image = b * height * width * channels;
    for (let oy = 0; oy < oh; oy++) {
      for (let ox = 0; ox < ow; ox++) {
        for (let ky = 0; ky < kernel; ky++) {
          const y = oy * stride - padding + ky * dilation;
          if (y < 0 || y >= height) {
            for (let i = 0; i < kernel * channels; i++) patches[write + i] = 0;
            write += kernel * channels;
            continue;
          }
          for (let run = 0; run < runs; run++, write += length) {
            // A run is cut where it hangs over the edge.
            const x0 = ox * stride - padding + run * dilation;
            const left = Math.min(taps, Math.max(0, -x0)) * channels;
            const right = Math.max(0, Math.min(taps, width - x0)) * channels;
            const read = image + (y * width + x0) * channels;
            for (let i = 0; i < left; i++) patches[write + i] = 0;
            for (let i = left; i < right; i++) patches[write + i] = x[read + i]!;
            for (let i = right; i < length; i++) patches[write + i] = 0;
          }
        }
      }
    }
  }
}

/** The adjoint of im2col: dx [B, H, W, C] is overwritten by the sums of patches [P, Q]. */
export function col2im(patches: Float32Array, batch: number, shape: ConvShape, dx: Float32Array): void {
  const { height, width, channels, kernel, stride, padding, dilation, oh, ow } = shape;
  const { runs, taps } = runsOf(shape);
  const length = taps * channels;
  dx.fill(0, 0, batch * height * width * channels);
  let read = 0;
  for (let b = 0; b < batch; b++) {
    const image = b * height * width * channels;
    for (let oy = 0; oy < oh; oy++) {
      for (let ox = 0; ox < ow; ox++) {
        for (let ky = 0; ky < kernel; ky++) {
          const y = oy * stride - padding + ky * dilation;
          if (y < 0 || y >= height) {
            read += kernel * channels;
            continue;
          }
          for (let run = 0; run < runs; run++, read += length) {
            const x0 = ox * stride - padding + run * dilation;
            const left = Math.min(taps, Math.max(0, -x0)) * channels;
            const right = Math.max(0, Math.min(taps, width - x0)) * channels;
            const write = image + (y * width + x0) * channels;
            for (let i = left; i < right; i++) dx[write + i]! += patches[read + i]!;
          }
        }
      }
    }
  }
}

/** Weights [O, C, k, k] at theta[offset…] → matrix [Q, O] with taps in im2col's order. */
export function weightsToMatrix(theta: Float32Array, offset: number, shape: ConvShape, matrix: Float32Array): void {
  const { channels, outputs, kernel } = shape;
  const area = kernel * kernel;
  for (let o = 0; o < outputs; o++) {
    for (let c = 0; c < channels; c++) {
      const read = offset + (o * channels + c) * area;
      for (let k = 0; k < area; k++) matrix[(k * channels + c) * outputs + o] = theta[read + k]!;
    }
  }
}

/** The inverse: matrix [Q, O] → weights [O, C, k, k] at grad[offset…]. */
export function matrixToWeights(matrix: Float32Array | Float64Array, shape: ConvShape, grad: Float32Array, offset: number): void {
  const { channels, outputs, kernel } = shape;
  const area = kernel * kernel;
  for (let o = 0; o < outputs; o++) {
    for (let c = 0; c < channels; c++) {
      const write = offset + (o * channels + c) * area;
      for (let k = 0; k < area; k++) grad[write + k] = matrix[(k * channels + c) * outputs + o]!;
    }
  }
}
