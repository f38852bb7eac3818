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
  /** Output height and width. */
  oh: number;
  ow: number;
  /** Q = kernel²·channels. */
  taps: number;
}

export function convShape(
  input: { height: number; width: number; channels: number },
  layer: { outputs: number; kernel: number; stride: number; padding: number },
): ConvShape {
  const { outputs, kernel, stride, padding } = layer;
  const reach = (length: number): number => Math.floor((length + 2 * padding - kernel) / stride) + 1;
  return { ...input, outputs, kernel, stride, padding, oh: reach(input.height), ow: reach(input.width), taps: kernel * kernel * input.channels };
}

/** patches [P, Q] from x [B, H, W, C]. */
export function im2col(x: Float32Array, batch: number, shape: ConvShape, patches: Float32Array): void {
  const { height, width, channels, kernel, stride, padding, oh, ow } = shape;
  let write = 0;
  for (let b = 0; b < batch; b++) {
    const image = b * height * width * channels;
    for (let oy = 0; oy < oh; oy++) {
      for (let ox = 0; ox < ow; ox++) {
        const x0 = ox * stride - padding;
        // The taps of one kernel row are one run of kernel·C numbers, cut where it hangs over the edge.
        const left = Math.max(0, -x0) * channels;
        const right = Math.min(kernel, width - x0) * channels;
        for (let ky = 0; ky < kernel; ky++, write += kernel * channels) {
          const y = oy * stride - padding + ky;
          if (y < 0 || y >= height) {
            for (let i = 0; i < kernel * channels; i++) patches[write + i] = 0;
            continue;
          }
          const read = image + (y * width + x0) * channels;
          for (let i = 0; i < left; i++) patches[write + i] = 0;
          for (let i = left; i < right; i++) patches[write + i] = x[read + i]!;
          for (let i = right; i < kernel * channels; i++) patches[write + i] = 0;
        }
      }
    }
  }
}

/** The adjoint of im2col: dx [B, H, W, C] is overwritten by the sums of patches [P, Q]. */
export function col2im(patches: Float32Array, batch: number, shape: ConvShape, dx: Float32Array): void {
  const { height, width, channels, kernel, stride, padding, oh, ow } = shape;
  dx.fill(0, 0, batch * height * width * channels);
  let read = 0;
  for (let b = 0; b < batch; b++) {
    const image = b * height * width * channels;
    for (let oy = 0; oy < oh; oy++) {
      for (let ox = 0; ox < ow; ox++) {
        const x0 = ox * stride - padding;
        const left = Math.max(0, -x0) * channels;
        const right = Math.min(kernel, width - x0) * channels;
        for (let ky = 0; ky < kernel; ky++, read += kernel * channels) {
          const y = oy * stride - padding + ky;
          if (y < 0 || y >= height) continue;
          const write = image + (y * width + x0) * channels;
          for (let i = left; i < right; i++) dx[write + i]! += patches[read + i]!;
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
