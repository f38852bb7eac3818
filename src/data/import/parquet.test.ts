import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../core/errors.ts';
import { find } from './find.ts';
import { findParquetIn } from './parquet.ts';
import { settle } from './settle.ts';
import { all, as, given, png, random, world } from './testing.ts';

const COUNT = 60;
const { pixels, labels } = random(4, COUNT, { height: 3, width: 4, channels: 1 }, 3);
const images = labels.map((_, i) => png(pixels.subarray(12 * i, 12 * i + 12), 3, 4));
const NAMES = ['ant', 'bee', 'cow'];

function table(options: { struct?: boolean; codec?: 'UNCOMPRESSED' | 'SNAPPY'; labels?: ColumnSource; more?: ColumnSource[]; rowGroupSize?: number; named?: boolean; picture?: string } = {}): Uint8Array<ArrayBuffer> {
  const { struct = true, codec = 'SNAPPY', more = [], rowGroupSize = 10, named = true, picture = 'image' } = options;
  const label = options.labels ?? { name: 'label', data: labels.map(BigInt), ...(struct ? {} : { type: 'INT64' as const }) };
  const schema = struct ? {
    schema: [
      { name: 'root', num_children: 2 }, { name: picture, repetition_type: 'OPTIONAL' as const, num_children: 2 },
      { name: 'bytes', type: 'BYTE_ARRAY' as const, repetition_type: 'OPTIONAL' as const },
      { name: 'path', type: 'BYTE_ARRAY' as const, converted_type: 'UTF8' as const, repetition_type: 'OPTIONAL' as const },
      { name: 'label', type: 'INT64' as const, repetition_type: 'OPTIONAL' as const },
    ],
  } : {};
  return new Uint8Array(parquetWriteBuffer({
    ...schema, codec, rowGroupSize,
    columnData: [{ name: picture, data: struct ? images.map((bytes, i) => ({ bytes, path: `${i}.png` })) : images, ...(struct ? {} : { type: 'BYTE_ARRAY' as const }) }, label, ...more],
    ...(named ? { kvMetadata: [{ key: 'huggingface', value: JSON.stringify({ info: { features: { [picture]: { _type: 'Image' }, label: { _type: 'ClassLabel', names: NAMES } } } }) }] } : {}),
  }));
}
const failure = async (bytes: Uint8Array) => {
  const error: unknown = await find([given('t.parquet', bytes)]).then((found) => all(found)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LabError);
  return (error as LabError).message;
};

describe('Parquet', () => {
  it.each(['UNCOMPRESSED', 'SNAPPY'] as const)('reads what the Hub writes: struct, names, row groups (%s)', async (codec) => {
    const found = await find([given('mine.parquet', table({ codec }))]);
    expect(found).toMatchObject({ format: 'parquet', name: 'mine', classNames: NAMES, counts: { byClass: [20, 20, 20], byPart: {} }, questions: [], notes: [] });
    const { dataset } = await settle(found, as(found, 3, 4), world);
    expect([...dataset.images]).toEqual([...pixels]);
    expect([...dataset.labels]).toEqual(labels);
  });

  it('reads plain bytes and labels that are words, and takes parts from the names of files', async () => {
    const bytes = table({ struct: false, named: false, labels: { name: 'class', data: labels.map((label) => NAMES[label]!), type: 'STRING' } });
    const found = await find([given('d/train-00000-of-00001.parquet', bytes), given('d/test-00000-of-00001.parquet', bytes)]);
    expect(found).toMatchObject({ classNames: NAMES, counts: { byClass: [40, 40, 40], byPart: { train: 60, test: 60 } } });
    expect((await all(found)).images.slice(0, 3).map(({ part, label }) => [part, label])).toEqual([['train', 0], ['train', 1], ['train', 2]]);
  });

  it('asks for one of several label columns', async () => {
    const found = await find([given('t.parquet', table({ struct: false, named: false, more: [{ name: 'target', data: labels.map((label) => label % 2), type: 'INT32' }] }))]);
    expect(found.questions).toMatchObject([{ id: 'labels', default: 'label', options: [{ value: 'label' }, { value: 'target' }] }]);
    expect((await found.answered({ labels: 'target' })).counts.byClass).toEqual([40, 20]);
  });

  it('leaves out rows without a label or an image, and damaged images', async () => {
    const data = images.map((bytes, i) => (i === 5 ? new Uint8Array([1, 2, 3]) : bytes));
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData: [
      { name: 'image', data: data.map((one, i) => (i === 7 ? null : one)), type: 'BYTE_ARRAY', nullable: true },
      { name: 'label', data: labels.map((label, i) => (i === 2 ? null : label)), type: 'INT32', nullable: true }] }));
    const found = await find([given('t.parquet', bytes)]);
    expect(found.notes.map(({ text }) => text)).toEqual(['1 row has no label and was left out.']);
    const { images: got, left } = await all(found);
    expect(got.map(({ label }) => label)).toEqual(labels.filter((_, i) => ![2, 5, 7].includes(i)));
    expect(left).toEqual([['t.parquet row 6', 'damaged, or not an image'], ['t.parquet row 8', 'missing']]);
  });

  it('reads only the ranges that are needed for the rows asked for', async () => {
    const bytes = table();
    const read: [number, number][] = [];
    const source = { name: 'far.parquet', part: null, byteLength: bytes.length, slice: (from: number, to: number) => {
      read.push([from, to]);
      return Promise.resolve(bytes.slice(from, to).buffer);
    } };
    const found = await findParquetIn([source], { name: 'far', rows: 20 });
    expect(found.counts.byClass.reduce((a, b) => a + b)).toBe(20);
    expect(found.notes[0]!.text).toBe('Of 60 rows 20 are read, spread over the files.');
    expect(read).toHaveLength(1 + 2); // the footer, the labels of two row groups
    const { images: got } = await all(found);
    expect(read).toHaveLength(1 + 2 + 2);
    // Row groups 2 and 5 of six (one-based), in order.
    const rows = [...Array(10).keys()].flatMap((i) => [10 + i]).concat([...Array(10).keys()].map((i) => 40 + i));
    expect(got.map(({ label }) => label)).toEqual(rows.map((row) => labels[row]));
  });

  it('looks into few row groups for a preview, but sees every class', async () => {
    const sorted = [...labels].sort();
    const bytes = table({ rowGroupSize: 2, labels: { name: 'label', data: sorted.map(BigInt) } });
    let read = 0;
    const found = await findParquetIn([{ name: 'p', part: null, byteLength: bytes.length, slice: (from, to) => {
      read++;
      return Promise.resolve(bytes.slice(from, to));
    } }], { name: 'p' });
    const before = read;
    const { images: got } = await all(found, { most: 9 });
    expect(new Set(got.map(({ label }) => label))).toEqual(new Set([0, 1, 2]));
    expect(got.length).toBe(9);
    expect(read - before).toBeLessThanOrEqual(8);
  });

  it.each<[string, () => Uint8Array, RegExp]>([
    ['cut off', () => table().slice(0, -20), /t\.parquet is a damaged or truncated Parquet file/],
    ['a hole', () => table().fill(0xff, 10, 60), /is damaged: the column “(image|label)” of its row group 1 cannot be read/],
    ['no images', () => new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'a', data: [1, 2], type: 'INT32' }] })), /no column of images \(its columns are a\)/],
    ['no labels', () => new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'a', data: images, type: 'BYTE_ARRAY' }] })), /no column of labels/],
    ['one class', () => table({ named: false, labels: { name: 'label', data: labels.map(() => 1n) } }), /only one class/],
    ['a label without a name', () => table({ labels: { name: 'label', data: labels.map((label) => BigInt(label + 1)) } }), /holds the label 3 at row 3, but only 3 classes are named/],
  ])('says what is wrong: %s', async (_, bytes, message) => {
    expect(await failure(bytes())).toMatch(message);
  });
});
