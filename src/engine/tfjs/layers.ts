/**
 * Forward and backward of each layer over typed arrays, workspaces made once for the largest batch. Activations are
 * [B, H, W, C] (dense: [B, C]); parameters are read from theta and gradients written to grad at the layer's offsets.
 */
import type { Layer, LayerOf, ParameterEntry } from '../../model/architecture.ts';
import { numbersOf, type Size } from '../../model/size.ts';
import { GroupNorm } from './group-norm.ts';
import { col2im, convShape, im2col, matrixToWeights, weightsToMatrix } from './im2col.ts';
import { product, transpose } from './matmul.ts';
import { type Maps, Merge, Upsample } from './merge.ts';
import { Residual } from './residual.ts';

export interface TypedLayer {
  readonly output: Size;
  /** y [B, output]; valid until the next forward. `sameInput`: x is the very batch of the last call. */
  forward(theta: Float32Array, x: Float32Array, batch: number, sameInput: boolean): Float32Array;
  /** Writes this layer's part of grad; returns dx, or null when `wantInput` is false. dy may be overwritten. */
  backward(theta: Float32Array, dy: Float32Array, batch: number, grad: Float32Array, wantInput: boolean): Float32Array | null;
  /** As `backward`, but for squares: grad is the sum over rows of the squared gradient of each, dy [B, output] that row's own. */
  squares(theta: Float32Array, dy: Float32Array, batch: number, grad: Float32Array, wantInput: boolean): Float32Array | null;
}

/** `entries`: the parameter table, in which a layer finds its own by name; `maps`: those of the extractor, for a decoder. */
export function typedLayer(layer: Layer, entries: readonly ParameterEntry[], input: Size, maxBatch: number, maps: Maps | null = null): TypedLayer {
  switch (layer.kind) {
    case 'conv': return new Conv(layer, offsetsOf(layer.name, entries), input, maxBatch);
    case 'dense': return new Dense(layer, offsetsOf(layer.name, entries), input, maxBatch);
    case 'group-norm': return new GroupNorm(layer, offsetsOf(layer.name, entries), input, maxBatch);
    case 'residual': return new Residual(typedLayers(layer.body, entries, input, maxBatch), typedLayers(layer.shortcut, entries, input, maxBatch), input, maxBatch);
    case 'merge': {
      if (!maps) throw new Error('Only a decoder merges maps.');
      const branches = layer.branches.map(({ from, layers }) => ({ from, layers: typedLayers(layers, entries, from === null ? input : maps.sizes[from]!, maxBatch, maps) }));
      return new Merge(branches, maps, layer.relu, input, maxBatch);
    }
    case 'upsample': return new Upsample(layer, input, maxBatch);
    case 'global-average-pool': return new AveragePool(input, maxBatch);
    case 'flatten': return new Flatten(input);
    default: return layer satisfies never;
  }
}

/** Layers one behind another. */
export function typedLayers(layers: readonly Layer[], entries: readonly ParameterEntry[], input: Size, maxBatch: number, maps: Maps | null = null): TypedLayer[] {
  const built: TypedLayer[] = [];
  for (const layer of layers) built.push(typedLayer(layer, entries, built.at(-1)?.output ?? input, maxBatch, maps));
  return built;
}

/** Of a layer's tensors in theta; a convolution may have no bias. */
export interface Offsets {
  weight: number;
  bias: number | null;
}

function offsetsOf(name: string, entries: readonly ParameterEntry[]): Offsets {
  const offset = (tensor: string): number | null => entries.find((entry) => entry.name === `${name}.${tensor}`)?.offset ?? null;
  const weight = offset('weight');
  if (weight === null) throw new Error(`There are no weights for layer ${name}.`);
  return { weight, bias: offset('bias') };
}

/** y = [relu](y + bias) in place, y [rows, columns]; `bias` null: none. */
function addBias(y: Float32Array, rows: number, columns: number, theta: Float32Array, bias: number | null, relu: boolean): void {
  if (bias === null && !relu) return;
  let at = 0;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++, at++) {
      const value = bias === null ? y[at]! : y[at]! + theta[bias + c]!;
      y[at] = relu && value < 0 ? 0 : value;
    }
  }
}

/** dy masked by y > 0 where there was a ReLU; grad of the bias = column sums. */
function biasBackward(dy: Float32Array, y: Float32Array, rows: number, columns: number, grad: Float32Array, bias: number | null, relu: boolean): void {
  if (bias === null && !relu) return;
  if (bias !== null) for (let c = 0; c < columns; c++) grad[bias + c] = 0;
  let at = 0;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++, at++) {
      if (relu && y[at]! <= 0) dy[at] = 0;
      else if (bias !== null) grad[bias + c]! += dy[at]!;
    }
  }
}

/** dy masked by y > 0 where there was a ReLU; grad of the bias = over images the sum of the squared column sums, each of `positions` rows. */
function biasSquares(dy: Float32Array, y: Float32Array, images: number, positions: number, columns: number, grad: Float32Array, bias: number | null, relu: boolean): void {
  if (bias === null && !relu) return;
  for (let c = 0; c < columns; c++) {
    let squares = 0;
    for (let b = 0; b < images; b++) {
      let sum = 0;
      for (let p = 0, at = b * positions * columns + c; p < positions; p++, at += columns) {
        if (relu && y[at]! <= 0) dy[at] = 0;
        else sum += dy[at]!;
      }
      squares += sum * sum;
    }
    if (bias !== null) grad[bias + c] = squares;
  }
}

class Conv implements TypedLayer {
  readonly output: Size;
  readonly #shape;
  readonly #relu: boolean;
  readonly #at: Offsets;
  readonly #patches: Float32Array;
  readonly #patchesT: Float32Array;
  readonly #matrix: Float32Array;
  readonly #matrixT: Float32Array;
  readonly #dx: Float32Array;
  #y: Float32Array = new Float32Array(0);
  /** What `#patchesT` holds: the batch's patches as one matrix, image by image, or neither. */
  #transposed: 'batch' | 'images' | null = null;
  /** Σ over images of squared weight gradients in the order of `#matrix`; made when it is first asked for. */
  #squares: Float64Array | null = null;

  constructor(layer: LayerOf<'conv'>, at: Offsets, input: Size, maxBatch: number) {
    const shape = convShape(input, layer);
    this.#shape = shape;
    this.#relu = layer.relu;
    this.#at = at;
    this.output = { height: shape.oh, width: shape.ow, channels: shape.outputs };
    const positions = maxBatch * shape.oh * shape.ow;
    this.#patches = new Float32Array(positions * shape.taps);
    this.#patchesT = new Float32Array(positions * shape.taps);
    this.#matrix = new Float32Array(shape.taps * shape.outputs);
    this.#matrixT = new Float32Array(shape.taps * shape.outputs);
    this.#dx = new Float32Array(maxBatch * numbersOf(input));
  }

  forward(theta: Float32Array, x: Float32Array, batch: number, sameInput: boolean): Float32Array {
    const shape = this.#shape;
    const positions = batch * shape.oh * shape.ow;
    if (!sameInput) {
      im2col(x, batch, shape, this.#patches);
      this.#transposed = null;
    }
    weightsToMatrix(theta, this.#at.weight, shape, this.#matrix);
    this.#y = product(this.#patches, this.#matrix, positions, shape.taps, shape.outputs);
    addBias(this.#y, positions, shape.outputs, theta, this.#at.bias, this.#relu);
    return this.#y;
  }

  backward(theta: Float32Array, dy: Float32Array, batch: number, grad: Float32Array, wantInput: boolean): Float32Array | null {
    const shape = this.#shape;
    const positions = batch * shape.oh * shape.ow;
    biasBackward(dy, this.#y, positions, shape.outputs, grad, this.#at.bias, this.#relu);
    if (this.#transposed !== 'batch') transpose(this.#patches, positions, shape.taps, this.#patchesT);
    this.#transposed = 'batch';
    matrixToWeights(product(this.#patchesT, dy, shape.taps, positions, shape.outputs), shape, grad, this.#at.weight);
    return wantInput ? this.#inputGradient(theta, dy, batch) : null;
  }

  squares(theta: Float32Array, dy: Float32Array, batch: number, grad: Float32Array, wantInput: boolean): Float32Array | null {
    const shape = this.#shape;
    const positions = shape.oh * shape.ow;
    const [patch, image] = [positions * shape.taps, positions * shape.outputs];
    biasSquares(dy, this.#y, batch, positions, shape.outputs, grad, this.#at.bias, this.#relu);
    if (this.#transposed !== 'images') {
      for (let b = 0; b < batch; b++) transpose(this.#patches, positions, shape.taps, this.#patchesT, b * patch, b * patch);
    }
    this.#transposed = 'images';
    this.#squares ??= new Float64Array(this.#matrix.length);
    this.#squares.fill(0);
    for (let b = 0; b < batch; b++) {
      const own = product(this.#patchesT.subarray(b * patch, (b + 1) * patch), dy.subarray(b * image, (b + 1) * image), shape.taps, positions, shape.outputs);
      for (let i = 0; i < this.#squares.length; i++) this.#squares[i]! += own[i]! * own[i]!;
    }
    matrixToWeights(this.#squares, shape, grad, this.#at.weight);
    return wantInput ? this.#inputGradient(theta, dy, batch) : null;
  }

  #inputGradient(theta: Float32Array, dy: Float32Array, batch: number): Float32Array {
    const shape = this.#shape;
    const positions = batch * shape.oh * shape.ow;
    weightsToMatrix(theta, this.#at.weight, shape, this.#matrix);
    transpose(this.#matrix, shape.taps, shape.outputs, this.#matrixT);
    col2im(product(dy, this.#matrixT, positions, shape.outputs, shape.taps), batch, shape, this.#dx);
    return this.#dx;
  }
}

function squared(x: Float32Array, count: number): Float32Array {
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) out[i] = x[i]! * x[i]!;
  return out;
}

class Dense implements TypedLayer {
  readonly output: Size;
  readonly #inputs: number;
  readonly #outputs: number;
  readonly #relu: boolean;
  readonly #at: Offsets;
  readonly #weightT: Float32Array;
  readonly #dyT: Float32Array;
  #x: Float32Array = new Float32Array(0);
  #y: Float32Array = new Float32Array(0);

  constructor(layer: LayerOf<'dense'>, at: Offsets, input: Size, maxBatch: number) {
    if (numbersOf(input) !== layer.inputs) throw new Error(`Layer ${layer.name} expects ${layer.inputs} inputs, not ${numbersOf(input)}.`);
    this.#inputs = layer.inputs;
    this.#outputs = layer.outputs;
    this.#relu = layer.relu;
    this.#at = at;
    this.output = { height: 1, width: 1, channels: layer.outputs };
    this.#weightT = new Float32Array(layer.inputs * layer.outputs);
    this.#dyT = new Float32Array(maxBatch * layer.outputs);
  }

  forward(theta: Float32Array, x: Float32Array, batch: number): Float32Array {
    this.#x = x;
    transpose(theta, this.#outputs, this.#inputs, this.#weightT, this.#at.weight);
    this.#y = product(x, this.#weightT, batch, this.#inputs, this.#outputs);
    addBias(this.#y, batch, this.#outputs, theta, this.#at.bias, this.#relu);
    return this.#y;
  }

  backward(theta: Float32Array, dy: Float32Array, batch: number, grad: Float32Array, wantInput: boolean): Float32Array | null {
    biasBackward(dy, this.#y, batch, this.#outputs, grad, this.#at.bias, this.#relu);
    this.#weightGradient(dy, this.#x, batch, grad);
    return wantInput ? this.#inputGradient(theta, dy, batch) : null;
  }

  /** A row's gradient is the outer product of dy and x, so the squares are those of the outer products of their squares. */
  squares(theta: Float32Array, dy: Float32Array, batch: number, grad: Float32Array, wantInput: boolean): Float32Array | null {
    biasSquares(dy, this.#y, batch, 1, this.#outputs, grad, this.#at.bias, this.#relu);
    this.#weightGradient(squared(dy, batch * this.#outputs), squared(this.#x, batch * this.#inputs), batch, grad);
    return wantInput ? this.#inputGradient(theta, dy, batch) : null;
  }

  /** Σ over rows of dy ⊗ x. */
  #weightGradient(dy: Float32Array, x: Float32Array, batch: number, grad: Float32Array): void {
    transpose(dy, batch, this.#outputs, this.#dyT);
    grad.set(product(this.#dyT, x, this.#outputs, batch, this.#inputs), this.#at.weight);
  }

  #inputGradient(theta: Float32Array, dy: Float32Array, batch: number): Float32Array {
    const size = this.#inputs * this.#outputs;
    return product(dy, theta.subarray(this.#at.weight, this.#at.weight + size), batch, this.#outputs, this.#inputs);
  }
}

class AveragePool implements TypedLayer {
  readonly output: Size;
  readonly #area: number;
  readonly #y: Float32Array;
  readonly #dx: Float32Array;

  constructor(input: Size, maxBatch: number) {
    this.output = { height: 1, width: 1, channels: input.channels };
    this.#area = input.height * input.width;
    this.#y = new Float32Array(maxBatch * input.channels);
    this.#dx = new Float32Array(maxBatch * numbersOf(input));
  }

  forward(_theta: Float32Array, x: Float32Array, batch: number): Float32Array {
    const channels = this.output.channels;
    const y = this.#y;
    for (let b = 0; b < batch; b++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let p = 0, at = b * this.#area * channels + c; p < this.#area; p++, at += channels) sum += x[at]!;
        y[b * channels + c] = sum / this.#area;
      }
    }
    return y;
  }

  backward(_theta: Float32Array, dy: Float32Array, batch: number, _grad: Float32Array, wantInput: boolean): Float32Array | null {
    if (!wantInput) return null;
    const channels = this.output.channels;
    let write = 0;
    for (let b = 0; b < batch; b++) {
      for (let p = 0; p < this.#area; p++) {
        for (let c = 0; c < channels; c++) this.#dx[write++] = dy[b * channels + c]! / this.#area;
      }
    }
    return this.#dx;
  }

  squares(theta: Float32Array, dy: Float32Array, batch: number, grad: Float32Array, wantInput: boolean): Float32Array | null {
    return this.backward(theta, dy, batch, grad, wantInput);
  }
}

class Flatten implements TypedLayer {
  readonly output: Size;
  constructor(input: Size) {
    this.output = { height: 1, width: 1, channels: numbersOf(input) };
  }
  forward(_theta: Float32Array, x: Float32Array): Float32Array {
    return x;
  }
  backward(_theta: Float32Array, dy: Float32Array): Float32Array {
    return dy;
  }
  squares(_theta: Float32Array, dy: Float32Array): Float32Array {
    return dy;
  }
}
