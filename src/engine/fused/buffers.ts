/** Buffers of one owner, counted and destroyed together. A GPU buffer is zero when it is made. */
import { checkFits } from '../device.ts';

const held = new WeakMap<GPUDevice, number>();

/** Bytes of all buffers of a device that were made here and not yet destroyed. */
export function bytesOn(gpu: GPUDevice): number {
  return held.get(gpu) ?? 0;
}

export class Buffers {
  readonly #gpu: GPUDevice;
  readonly #made: GPUBuffer[] = [];

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
  }

  /** A storage buffer of `words` 32-bit numbers, filled with `data` from its start. Throws LabError('memory') when no buffer can be that large. */
  storage(what: string, words: number, data?: Float32Array | Uint32Array | Int32Array): GPUBuffer {
    const size = Math.max(16, Math.ceil(words / 4) * 16);
    checkFits(this.#gpu.limits, [{ what, bytes: size }]);
    const buffer = this.#make(what, size, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST);
    if (data) this.write(buffer, data);
    return buffer;
  }

  uniform(what: string, words: number, data?: Uint32Array): GPUBuffer {
    const buffer = this.#make(what, Math.max(16, words * 4), GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
    if (data) this.write(buffer, data);
    return buffer;
  }

  /** To be mapped and read. */
  staging(what: string, bytes: number): GPUBuffer {
    return this.#make(what, Math.max(16, Math.ceil(bytes / 4) * 4), GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  }

  write(buffer: GPUBuffer, data: Float32Array | Uint32Array | Int32Array | Uint8Array, offset = 0): void {
    this.#gpu.queue.writeBuffer(buffer, offset, data.buffer, data.byteOffset, data.byteLength);
  }

  destroy(): void {
    for (const buffer of this.#made) {
      held.set(this.#gpu, bytesOn(this.#gpu) - buffer.size);
      buffer.destroy();
    }
    this.#made.length = 0;
  }

  #make(label: string, size: number, usage: number): GPUBuffer {
    const buffer = this.#gpu.createBuffer({ label, size, usage });
    this.#made.push(buffer);
    held.set(this.#gpu, bytesOn(this.#gpu) + size);
    return buffer;
  }
}

/** Who makes storage: an owner of its own, or a workspace. */
export type Storage = Pick<Buffers, 'storage'>;

/**
 * Workspace that cohorts of one network and batch size run through one after another: asked for by name, made once.
 * Nothing in it outlives the submissions of one cohort but the zeros of borders and padding, which all leave alone.
 */
export class Scratch {
  readonly #buffers: Buffers;
  readonly #held = new Map<string, GPUBuffer>();

  constructor(gpu: GPUDevice) {
    this.#buffers = new Buffers(gpu);
  }

  /** `words` 32-bit numbers or more. Throws LabError('memory') when no buffer can be that large. */
  storage(what: string, words: number): GPUBuffer {
    const held = this.#held.get(what);
    if (held && held.size >= words * 4) return held;
    const made = this.#buffers.storage(what, words);
    this.#held.set(what, made);
    return made;
  }

  destroy(): void {
    this.#buffers.destroy();
    this.#held.clear();
  }
}

/** Reads staging buffers after what was submitted before; the views are copies. */
export async function readBack(staging: GPUBuffer, bytes: number): Promise<ArrayBuffer> {
  await staging.mapAsync(GPUMapMode.READ, 0, bytes);
  const copy = staging.getMappedRange(0, bytes).slice(0);
  staging.unmap();
  return copy;
}
