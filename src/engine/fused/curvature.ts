/**
 * Squared gradients of single rows: a plan whose chains are rows, each a batch of one, all with the same parameters. Per chunk of rows one
 * forward pass, and per label one backward pass whose gradients are squared and added on the GPU; one readback a parameter vector.
 */
import type { GradientLabels } from '../contract.ts';
import { Backward } from './backward.ts';
import { Buffers, readBack } from './buffers.ts';
import type { GpuData } from './data.ts';
import { bytesPerChain, Forward, largestPerChain } from './forward.ts';
import type { FusedEngine } from './fused-engine.ts';
import { rowGradient } from './kernels/loss.ts';
import { pack } from './kernels/pack.ts';
import { addSquares } from './kernels/squares.ts';
import { strideOf } from './kernels/update.ts';
import type { Net } from './net.ts';
import { type Dispatch, encode, STEP_STRIDE, workgroups } from './program.ts';

/** Rows at once, at most. */
const ROWS = 256;

export class Curvature {
  readonly #engine: Pick<FusedEngine, 'device' | 'programs' | 'cut'>;
  readonly #net: Net;
  readonly #buffers: Buffers;
  readonly #rows: number;
  /** Backward passes of a row: one, or one a class. */
  readonly #labels: number;
  readonly #forward: Forward;
  readonly #pack: Dispatch;
  readonly #backward: Dispatch[];
  readonly #theta: GPUBuffer;
  readonly #squares: GPUBuffer;

  /** Throws LabError('memory') when not even one row fits. */
  constructor(engine: Pick<FusedEngine, 'device' | 'programs' | 'cut'>, net: Net, data: GpuData, labels: GradientLabels, rows: number) {
    const { device: { gpu }, programs, cut: { tile, threads, budget } } = engine;
    this.#engine = engine;
    this.#net = net;
    this.#buffers = new Buffers(gpu);
    const most = Math.floor(Math.min(budget / bytesPerChain(net, 1, true), gpu.limits.maxStorageBufferBindingSize / largestPerChain(net, 1)));
    this.#rows = Math.max(1, Math.min(ROWS, rows, most));
    this.#labels = labels === 'data' ? 1 : net.outputs;
    const buffers = this.#buffers;
    try {
      this.#forward = new Forward(programs, buffers, buffers, { net, data, tile, chains: this.#rows, groups: this.#rows, batch: 1, chunk: this.#labels, warp: 'none', threads, training: true });
      const { dims, steps, rows: places, groups, packed, result } = this.#forward;
      const backward = new Backward(programs, buffers, this.#forward, threads);
      this.#theta = buffers.storage('the parameters', strideOf(net));
      this.#squares = buffers.storage('squared gradients', net.parameters);
      // Every row has the parameters of the first and only vector.
      this.#pack = programs.dispatch(pack(net), [
        dims, this.#theta, buffers.storage('packed index', net.parameters, net.packedIndex), buffers.storage('picks', this.#rows), packed, buffers.storage('unsound', this.#rows),
      ], workgroups(net.parameters, this.#rows));
      this.#backward = [
        programs.dispatch(rowGradient(net.outputs, net.nodes.at(-1)!.gradient, labels), [dims, steps, result, data.labels, places, groups, backward.dlogits], workgroups(this.#rows)),
        ...backward.dispatches,
        programs.dispatch(addSquares(net, backward.stride), [dims, backward.grads, buffers.storage('gradient places', 4 * net.parameters, backward.places), this.#squares], workgroups(net.parameters)),
      ];
      buffers.write(groups, Uint32Array.from({ length: this.#rows }, (_, r) => r));
    } catch (error) {
      buffers.destroy();
      throw error;
    }
  }

  /** Σ over rows of squared gradients at theta [D + H] (see the contract). */
  async run(theta: Float32Array, indices: Uint32Array): Promise<Float64Array> {
    const { gpu } = this.#engine.device;
    const bytes = this.#net.parameters * 4;
    this.#buffers.write(this.#theta, theta);
    this.#buffers.write(this.#squares, new Float32Array(this.#net.parameters));
    for (let from = 0; from < indices.length; from += this.#rows) this.#submit(indices.subarray(from, from + this.#rows), from === 0);
    const once = new Buffers(gpu);
    try {
      const staging = once.staging('squared gradients', bytes);
      const encoder = gpu.createCommandEncoder();
      encoder.copyBufferToBuffer(this.#squares, 0, staging, 0, bytes);
      gpu.queue.submit([encoder.finish()]);
      return Float64Array.from(new Float32Array(await readBack(staging, bytes)));
    } finally {
      once.destroy();
    }
  }

  /** One chunk of rows, filled up with its first; `first`: the parameters are new. */
  #submit(indices: Uint32Array, first: boolean): void {
    const { device: { gpu }, cut: { submit } } = this.#engine;
    this.#buffers.write(this.#forward.rows, Uint32Array.from({ length: this.#rows }, (_, r) => indices[r] ?? indices[0]!));
    const steps = new Uint32Array((this.#labels * STEP_STRIDE) / 4);
    for (let c = 0; c < this.#labels; c++) steps.set([0, c, 0, indices.length], (c * STEP_STRIDE) / 4);
    this.#buffers.write(this.#forward.steps, steps);
    for (let c = 0; c < this.#labels; c += submit) {
      const encoder = gpu.createCommandEncoder();
      const pass = encoder.beginComputePass();
      if (c === 0) encode(pass, [...(first ? [this.#pack] : []), ...this.#forward.dispatches], [0]);
      for (let i = c; i < Math.min(this.#labels, c + submit); i++) encode(pass, this.#backward, [i * STEP_STRIDE]);
      pass.end();
      gpu.queue.submit([encoder.finish()]);
    }
  }

  destroy(): void {
    this.#buffers.destroy();
  }
}
