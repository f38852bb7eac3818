/**
 * Compute pipelines made once per distinct shader, and dispatches made once per plan. A kernel is WGSL text and the
 * access of its bindings, in order, all in group 0; `step` is a uniform with a dynamic offset (which step of a chunk it is).
 */
import { GROUP } from './kernels/wgsl.ts';

export type Access = 'uniform' | 'step' | 'read' | 'write';

export interface Kernel {
  name: string;
  access: readonly Access[];
  /** Has `@compute fn main`. */
  code: string;
}

export interface Dispatch {
  name: string;
  pipeline: GPUComputePipeline;
  group: GPUBindGroup;
  size: readonly [number, number, number];
  stepped: boolean;
}

export type Bound = GPUBuffer | GPUBufferBinding;

/** Bytes between the entries of a `step` uniform: the largest alignment a device may ask for. */
export const STEP_STRIDE = 256;

interface Program {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
}

const TYPES = { uniform: 'uniform', step: 'uniform', read: 'read-only-storage', write: 'storage' } as const satisfies Record<Access, GPUBufferBindingType>;

export class Programs {
  readonly #gpu: GPUDevice;
  readonly #made = new Map<string, Program>();

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
  }

  /** Pipelines made so far. */
  get count(): number {
    return this.#made.size;
  }

  /** A dispatch of `size` workgroups. `buffers` in the order of the kernel's bindings. */
  dispatch(kernel: Kernel, buffers: readonly Bound[], size: readonly [number, number, number]): Dispatch {
    const { pipeline, layout } = this.#program(kernel);
    const entries = buffers.map((buffer, binding): GPUBindGroupEntry => {
      const resource = 'buffer' in buffer ? buffer : { buffer };
      return { binding, resource: kernel.access[binding] === 'step' ? { ...resource, size: 16 } : resource };
    });
    const group = this.#gpu.createBindGroup({ label: kernel.name, layout, entries });
    return { name: kernel.name, pipeline, group, size, stepped: kernel.access.includes('step') };
  }

  #program({ name, access, code }: Kernel): Program {
    const key = `${access.join()}\n${code}`;
    const held = this.#made.get(key);
    if (held) return held;
    const layout = this.#gpu.createBindGroupLayout({
      label: name,
      entries: access.map((one, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type: TYPES[one], hasDynamicOffset: one === 'step' } })),
    });
    const pipeline = this.#gpu.createComputePipeline({
      label: name,
      layout: this.#gpu.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: this.#gpu.createShaderModule({ label: name, code }), entryPoint: 'main' },
    });
    const program = { pipeline, layout };
    this.#made.set(key, program);
    return program;
  }
}

const NO_OFFSET: number[] = [];

/** Encodes dispatches; `offset` [1] is the byte offset of the step they belong to; `chains` limits those that go by chain. */
export function encode(pass: GPUComputePassEncoder, dispatches: readonly Dispatch[], offset: number[], chains = Infinity): void {
  for (const { pipeline, group, size, stepped } of dispatches) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group, stepped ? offset : NO_OFFSET);
    pass.dispatchWorkgroups(size[0], size[1], Math.min(size[2], chains));
  }
}

/** Workgroups for `threads` threads of each of `chains` chains, within the 65,535 a dimension that every device has. */
export function workgroups(threads: number, chains = 1): [number, number, number] {
  const count = Math.max(1, Math.ceil(threads / GROUP));
  const y = Math.ceil(count / 65535);
  return [Math.ceil(count / y), y, chains];
}
