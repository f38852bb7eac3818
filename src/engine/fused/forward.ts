/**
 * Buffers and dispatches of a forward pass for so many chains and rows at a time: gather, convolutions, pool. Chains
 * name the group whose input they read. Made once; training and evaluation both run it.
 */
import type { Buffers, Storage } from './buffers.ts';
import type { GpuData } from './data.ts';
import { convForward, type Tile } from './kernels/conv-forward.ts';
import { gather, inputSize } from './kernels/gather.ts';
import { pool } from './kernels/pool.ts';
import { type Net, sizeOf, type TensorShape } from './net.ts';
import { type Dispatch, type Programs, STEP_STRIDE, workgroups } from './program.ts';

export interface ForwardOptions {
  net: Net;
  data: GpuData;
  chains: number;
  groups: number;
  batch: number;
  /** Steps (or row chunks) whose rows are uploaded at once. */
  chunk: number;
  augmented: boolean;
  tile: Tile;
}

export class Forward {
  readonly options: ForwardOptions;
  /** Dims and Step uniforms, and what is uploaded for a chunk. */
  readonly dims: GPUBuffer;
  readonly steps: GPUBuffer;
  readonly rows: GPUBuffer;
  readonly affines: GPUBuffer;
  /** Group of each chain. */
  readonly groups: GPUBuffer;
  readonly packed: GPUBuffer;
  /** Input of each layer: the gathered batch, then activations; features where the layer is pooled. */
  readonly inputs: GPUBuffer[] = [];
  /** Output of each layer, before any pooling. */
  readonly outputs: GPUBuffer[] = [];
  /** What the network gives, [chains, batch, pad4(outputs)]. */
  readonly result: GPUBuffer;
  readonly dispatches: Dispatch[] = [];

  /** `scratch` holds what no later step reads. */
  constructor(programs: Programs, buffers: Buffers, scratch: Storage, options: ForwardOptions) {
    const { net, data, chains, groups, batch, chunk, augmented, tile } = options;
    this.options = options;
    this.dims = buffers.uniform('dims', 8, Uint32Array.of(batch, chains, groups, 0));
    this.steps = buffers.uniform('steps', (chunk * STEP_STRIDE) / 4);
    this.rows = scratch.storage('the rows of a chunk', chunk * groups * batch);
    this.affines = scratch.storage('the augmentation of a chunk', augmented ? chunk * groups * batch * 6 : 4);
    this.groups = buffers.storage('groups', chains);
    this.packed = buffers.storage('the weights', chains * net.packed);
    const x = scratch.storage('the input', groups * batch * inputSize(net));
    const { normalisation, bytes } = data;
    this.dispatches.push(programs.dispatch(
      gather({ net, bytes, normalisation, augmented }), [this.dims, this.steps, data.images, this.rows, this.affines, x],
      workgroups(groups * batch * net.inputSize),
    ));
    let now = x;
    const poolInto = (shape: TensorShape): void => {
      const { kernel, threads } = pool(shape);
      const features = scratch.storage('features', chains * batch * shape.channels);
      this.dispatches.push(programs.dispatch(kernel, [this.dims, now, features], workgroups(threads(batch), chains)));
      now = features;
    };
    net.layers.forEach((layer, i) => {
      if (layer.pooled) poolInto(net.layers[i - 1]!.output);
      const y = scratch.storage(`the outputs of ${layer.name}`, chains * batch * sizeOf(layer.output));
      const { kernel, threads } = convForward(layer, net.packed, tile, i === 0);
      this.dispatches.push(programs.dispatch(kernel, [this.dims, now, this.packed, this.groups, y], workgroups(threads(batch), chains)));
      this.inputs.push(now);
      this.outputs.push(y);
      now = y;
    });
    if (net.endsInPool) poolInto(net.layers.at(-1)!.output);
    this.result = now;
  }
}

/** Bytes a chain has in the largest buffer. */
export function largestPerChain(net: Net, batch: number): number {
  return 4 * Math.max(net.packed, ...net.layers.map((layer) => batch * Math.max(sizeOf(layer.output), sizeOf(layer.gradient))), batch * inputSize(net));
}

/** Bytes of workspace a chain needs with a batch of so many rows; `training`: gradients too. */
export function bytesPerChain(net: Net, batch: number, training: boolean): number {
  const activations = net.layers.reduce((sum, layer) => sum + sizeOf(layer.output) + (training ? sizeOf(layer.gradient) : 0), 0);
  return 4 * (batch * (activations + inputSize(net)) + (training ? 6 : 2) * net.packed);
}
