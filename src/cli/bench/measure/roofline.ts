/**
 * What this adapter can do at best with WGSL: GFLOP/s of a matrix product, tiled in registers and, for real GPUs, through
 * workgroup memory too; GB/s of a copy, by the queue and by a kernel. The best of all is the roof, so that a fraction of
 * it flatters nobody.
 */
import { type Kernel, Programs } from '../../../engine/fused/program.ts';
import { Buffers } from '../../../engine/fused/buffers.ts';
import { timeDispatch, timeSubmissions } from './gpu-time.ts';

export interface Roofline {
  /** By variant, best of all samples. */
  products: { variant: string; size: number; gflops: number }[];
  copies: { variant: string; gigabytesPerSecond: number }[];
  gflops: number;
  gigabytesPerSecond: number;
}

const REGISTER_TILES = [[4, 4], [8, 4], [8, 8]] as const;
const COPY_BYTES = { software: 32 * 2 ** 20, gpu: 128 * 2 ** 20 };

export async function measureRoofline(gpu: GPUDevice, software: boolean, ms: number): Promise<Roofline> {
  const products: Roofline['products'] = [];
  for (const { variant, kernel, tile } of [
    ...REGISTER_TILES.map(([rows, columns]) => ({ variant: `registers ${rows}×${columns}`, kernel: registerProduct(rows, columns), tile: [8 * rows, 8 * columns] as const })),
    { variant: 'workgroup memory, 8×8', kernel: sharedProduct(), tile: [64, 64] as const },
  ]) {
    // On a GPU a product must be large to fill it: double while a run is short.
    let best = { variant, size: 0, gflops: 0 };
    for (let size = 256; size <= (software ? 512 : 4096); size *= 2) {
      const [seconds, oneRun] = await timeProduct(gpu, kernel, size, tile, ms);
      const gflops = (2 * size ** 3) / seconds / 1e9;
      if (gflops > best.gflops) best = { variant, size, gflops };
      if (oneRun > ms) break;
    }
    products.push(best);
  }
  const copies = await timeCopies(gpu, software ? COPY_BYTES.software : COPY_BYTES.gpu, ms);
  return { products, copies, gflops: Math.max(...products.map((one) => one.gflops)), gigabytesPerSecond: Math.max(...copies.map((one) => one.gigabytesPerSecond)) };
}

/** Least seconds of one product and milliseconds of one run. */
async function timeProduct(gpu: GPUDevice, kernel: Kernel, size: number, [rows, columns]: readonly [number, number], ms: number): Promise<[number, number]> {
  const buffers = new Buffers(gpu);
  try {
    const ones = new Float32Array(size * size).map((_, i) => (i % 7) / 7);
    const a = buffers.storage('a', size * size, ones);
    const b = buffers.storage('b', size * size, ones);
    const c = buffers.storage('c', size * size);
    const dims = buffers.uniform('dims', 4, Uint32Array.of(size, size, size, 0));
    const dispatch = new Programs(gpu).dispatch(kernel, [dims, a, b, c], [size / columns, size / rows, 1]);
    const { min } = await timeDispatch(gpu, dispatch, ms);
    return [min / 1e3, min];
  } finally {
    buffers.destroy();
  }
}

async function timeCopies(gpu: GPUDevice, bytes: number, ms: number): Promise<Roofline['copies']> {
  const buffers = new Buffers(gpu);
  try {
    const from = buffers.storage('from', bytes / 4);
    const to = buffers.storage('to', bytes / 4);
    const rate = (milliseconds: number): number => (2 * bytes) / (milliseconds / 1e3) / 1e9;
    const queue = await timeSubmissions(gpu, (encoder, count) => {
      for (let i = 0; i < count; i++) encoder.copyBufferToBuffer(from, 0, to, 0, bytes);
    }, ms);
    const copies: Roofline['copies'] = [{ variant: 'copyBufferToBuffer', gigabytesPerSecond: rate(queue.min) }];
    for (const each of [1, 8]) {
      const groups = bytes / 16 / 64 / each;
      const dispatch = new Programs(gpu).dispatch(copyKernel(each), [from, to], [Math.min(groups, 32768), Math.ceil(groups / 32768), 1]);
      copies.push({ variant: `kernel, ${each} vec4 a thread`, gigabytesPerSecond: rate((await timeDispatch(gpu, dispatch, ms)).min) });
    }
    return copies;
  } finally {
    buffers.destroy();
  }
}

/** Neighbouring threads copy neighbouring vec4. */
function copyKernel(each: number): Kernel {
  return { name: 'copy', access: ['read', 'write'], code: `
@group(0) @binding(0) var<storage, read> source: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> target_: array<vec4<f32>>;
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32, @builtin(num_workgroups) size: vec3<u32>) {
  let at = (id.x + id.y * size.x) * ${64 * each}u + lane;
${Array.from({ length: each }, (_, i) => `  target_[at + ${64 * i}u] = source[at + ${64 * i}u];`).join('\n')}
}` };
}

const lines = (count: number, line: (i: number) => string): string => Array.from({ length: count }, (_, i) => line(i)).join('\n');
const HEAD = `struct Dims { m: u32, n: u32, k: u32, none: u32 }
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> a: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> b: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> c: array<vec4<f32>>;`;
const ACCESS = ['uniform', 'read', 'read', 'write'] as const;

/** c [M, N] = a [M, K] b [K, N]; a thread makes rows × columns outputs, all in registers, without a barrier. */
function registerProduct(rows: number, columns: number): Kernel {
  const quads = columns / 4;
  return { name: `product ${rows}×${columns}`, access: ACCESS, code: `${HEAD}
@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let m0 = id.y * ${rows}u;
  let n0 = id.x * ${quads}u;
  let nq = dims.n / 4u;
  let kq = dims.k / 4u;
${lines(rows, (i) => lines(quads, (j) => `  var s${i}_${j} = vec4<f32>();`))}
  for (var k = 0u; k < kq; k++) {
${lines(4, (d) => lines(quads, (j) => `    let b${d}_${j} = b[(4u * k + ${d}u) * nq + n0 + ${j}u];`))}
${lines(rows, (i) => `    let a${i} = a[(m0 + ${i}u) * kq + k];
${lines(quads, (j) => `    s${i}_${j} += a${i}.x * b0_${j} + a${i}.y * b1_${j} + a${i}.z * b2_${j} + a${i}.w * b3_${j};`)}`)}
  }
${lines(rows, (i) => lines(quads, (j) => `  c[(m0 + ${i}u) * nq + n0 + ${j}u] = s${i}_${j};`))}
}` };
}

/** The same through workgroup memory: 64 threads share tiles of 64×16 and 16×64 and make 8×8 outputs each. */
function sharedProduct(): Kernel {
  return { name: 'product through workgroup memory', access: ACCESS, code: `${HEAD}
var<workgroup> ta: array<vec4<f32>, 256>; // [64 rows][4 quads of k]
var<workgroup> tb: array<vec4<f32>, 256>; // [16 k][16 quads of n]
@compute @workgroup_size(8, 8)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_id) at: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let nq = dims.n / 4u;
  let kq = dims.k / 4u;
${lines(8, (i) => lines(2, (j) => `  var s${i}_${j} = vec4<f32>();`))}
  for (var k0 = 0u; k0 < dims.k; k0 += 16u) {
${lines(4, (i) => `    ta[lane + ${64 * i}u] = a[(id.y * 64u + (lane + ${64 * i}u) / 4u) * kq + k0 / 4u + lane % 4u];
    tb[lane + ${64 * i}u] = b[(k0 + (lane + ${64 * i}u) / 16u) * nq + id.x * 16u + lane % 16u];`)}
    workgroupBarrier();
    for (var k = 0u; k < 4u; k++) {
${lines(4, (d) => lines(2, (j) => `      let b${d}_${j} = tb[(4u * k + ${d}u) * 16u + at.x + ${8 * j}u];`))}
${lines(8, (i) => `      let a${i} = ta[(at.y + ${8 * i}u) * 4u + k];
${lines(2, (j) => `      s${i}_${j} += a${i}.x * b0_${j} + a${i}.y * b1_${j} + a${i}.z * b2_${j} + a${i}.w * b3_${j};`)}`)}
    }
    workgroupBarrier();
  }
${lines(8, (i) => lines(2, (j) => `  c[(id.y * 64u + at.y + ${8 * i}u) * nq + id.x * 16u + at.x + ${8 * j}u] = s${i}_${j};`))}
}` };
}
