/** MNIST and notMNIST written in every format and read back: the same labels and pixels. */
import { existsSync, readFileSync } from 'node:fs';
import { gzipSync, zipSync } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { packTar } from 'modern-tar';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../dataset.ts';
import { readIdxPair } from '../idx.ts';
import { classCounts } from '../splits.ts';
import type { Given } from './contract.ts';
import { examine } from './examine.ts';
import { find } from './find.ts';
import { settle } from './settle.ts';
import { as, decode, given, joined, npy, png, world } from './testing.ts';

const root = process.env.LAB_DATA;
const have = root !== undefined && existsSync(`${root}/mnist`) && existsSync(`${root}/notmnist`);
/** Images written one file each; arrays and tables hold all. */
const SOME = 400;

describe.skipIf(!have).each(['mnist', 'notmnist'])(`%s in other formats${have ? '' : ' (skipped: LAB_DATA does not name a folder with mnist/ and notmnist/)'}`, (set) => {
  const path = (part: string) => `${root!}/${set}/t10k-${part}-ubyte.gz`;
  let data: Dataset;
  let rows: number[];
  const image = (row: number) => data.images.subarray(784 * row, 784 * (row + 1)) as Uint8Array;

  beforeAll(async () => {
    data = await readIdxPair(['images-idx3', 'labels-idx1'].map((part) => ({ name: part, bytes: readFileSync(path(part)) })));
    rows = Array.from({ length: SOME }, (_, i) => i);
  });

  async function same(files: Given[], count: number, order: (row: number) => number = (row) => row): Promise<void> {
    const found = await find(files);
    const { dataset } = await settle(found, as(found, 28, 28), world);
    expect(dataset).toMatchObject({ count, height: 28, width: 28, channels: 1 });
    for (let i = 0; i < count; i++) {
      const row = order(i);
      if (dataset.labels[i] !== data.labels[row] || Buffer.compare((dataset.images as Uint8Array).subarray(784 * i, 784 * (i + 1)), image(row)) !== 0) expect.fail(`row ${i} is not image ${row}`);
    }
  }

  it('IDX', async () => {
    const files = ['images-idx3', 'labels-idx1'].map((part) => given(`t10k-${part}-ubyte.gz`, readFileSync(path(part))));
    const found = await find(files);
    const { dataset } = await settle(found, as(found, 28, 28), world);
    expect(dataset.sha256).toBe(data.sha256);
    const seen = await examine(found, { decode, taken: new Set() });
    expect(seen).toMatchObject({ count: 10000, sizes: { uniform: true }, channels: { grey: 200, colour: 0 }, choices: { height: 28, width: 28, channels: 1, limit: 0 }, sheet: { rows: 10, columns: 6 } });
  });

  it('npz', () => same([given('d.npz', zipSync({ 'x.npy': npy('|u1', [10000, 28, 28], data.images), 'y.npy': npy('<u2', [10000], new Uint8Array(data.labels.buffer, data.labels.byteOffset, data.labels.byteLength)) }, { level: 1 }))], 10000));

  it('CSV', () => same([given('d.csv', `label,${Array.from({ length: 784 }, (_, i) => `pixel${i}`).join(',')}\n${rows.map((row) => `${data.labels[row]!},${image(row).join(',')}`).join('\n')}`)], SOME));

  it('Parquet', () => same([given('d.parquet', new Uint8Array(parquetWriteBuffer({
    rowGroupSize: 300, columnData: [{ name: 'image', data: rows.map((row) => png(image(row), 28, 28)), type: 'BYTE_ARRAY' }, { name: 'label', data: rows.map((row) => data.labels[row]!), type: 'INT32' }],
  })))], SOME));

  it('folders in a zip and in a tar.gz', async () => {
    const files = Object.fromEntries(rows.map((row) => [`${data.labels[row]!}/${String(row).padStart(5, '0')}.png`, png(image(row), 28, 28)]));
    const sorted = [...rows].sort((a, b) => data.labels[a]! - data.labels[b]! || a - b);
    await same([given('d.zip', zipSync(files, { level: 1 }))], SOME, (i) => sorted[i]!);
    await same([given('d.tar.gz', gzipSync(await packTar(Object.entries(files).map(([name, body]) => ({ header: { name, size: body.length, type: 'file' as const }, body })))))], SOME);
  });

  it('CIFAR, in the middle of a larger image', async () => {
    const record = (row: number): Uint8Array => {
      const out = new Uint8Array(3073);
      out[0] = data.labels[row]!;
      for (let c = 0; c < 3; c++) for (let y = 0; y < 28; y++) out.set(image(row).subarray(28 * y, 28 * y + 28), 1 + 1024 * c + 32 * (y + 2) + 2);
      return out;
    };
    const found = await find([given('data_batch_1.bin', joined(...rows.map(record)))]);
    const { dataset } = await settle(found, as(found, 32, 32), world);
    expect(classCounts(dataset)).toEqual(classCounts(data, rows));
    for (const row of rows) for (let y = 0; y < 28; y++) expect(Buffer.compare((dataset.images as Uint8Array).subarray(1024 * row + 32 * (y + 2) + 2, 1024 * row + 32 * (y + 2) + 30), image(row).subarray(28 * y, 28 * y + 28))).toBe(0);
  });
});
