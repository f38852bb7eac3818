/** Tar, CIFAR, CSV and IDX: what other tools wrote, or a small writer of the format's own. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'fflate';
import { packTar } from 'modern-tar';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../core/errors.ts';
import { idxBytes } from '../testing.ts';
import type { Given } from './contract.ts';
import { find } from './find.ts';
import { settle } from './settle.ts';
import { all, as, ascii, given, joined, png, random, world } from './testing.ts';

const { pixels } = random(5, 6, { height: 4, width: 4, channels: 1 }, 2);
const tree = Object.fromEntries(['a', 'b'].flatMap((name, c) => [0, 1, 2].map((i) => [`set/${name}/${i}.png`, png(pixels.subarray(16 * (3 * c + i), 16 * (3 * c + i + 1)), 4, 4)])));
const tar = (files: Record<string, Uint8Array>) => packTar(Object.entries(files).map(([name, body]) => ({ header: { name, size: body.length, type: 'file' as const }, body })));
const settled = async (files: Given[], side = 4, channels: 1 | 3 = 1) => {
  const found = await find(files);
  return { found, ...(await settle(found, as(found, side, side, channels), world)) };
};
const failure = async (files: Given[]) => {
  const error: unknown = await find(files).then((found) => all(found)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LabError);
  return (error as LabError).message;
};

describe('tar', () => {
  it.each([false, true])('reads what tar(1) wrote (gzip: %s)', async (gzip) => {
    const root = mkdtempSync(join(tmpdir(), 'tar-'));
    for (const [path, bytes] of Object.entries(tree)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), bytes);
    }
    execFileSync('tar', [gzip ? '-czf' : '-cf', 'out.bin', '--sort=name', 'set'], { cwd: root });
    const { found, dataset } = await settled([given(`set.tar${gzip ? '.gz' : ''}`, readFileSync(join(root, 'out.bin')))]);
    expect(found).toMatchObject({ format: 'folder', name: 'set', classNames: ['a', 'b'], words: 'A tar of 6 images in 2 folders.' });
    expect([...dataset.images]).toEqual([...pixels]);
  });

  it('reads the archive once for all images, in its order', async () => {
    // Larger than the beginnings that are kept.
    const large = Object.fromEntries(['b/3', 'b/2', 'b/1', 'a/3', 'a/2', 'a/1'].map((path, i) => [`${path}.png`, png(random(i, 1, { height: 90, width: 90, channels: 1 }, 1).pixels, 90, 90)]));
    const bytes = gzipSync(await tar(large));
    let streams = 0;
    const file = given('set.tgz', bytes);
    const found = await find([{ ...file, stream: () => (streams++, file.stream()) }]);
    const before = streams;
    expect((await all(found)).images.map(({ label }) => label)).toEqual([1, 1, 1, 0, 0, 0]);
    expect(streams - before).toBe(1);
    expect((await all(found, { most: 2 })).images).toHaveLength(2); // again from its beginning
  });

  it('says what is wrong', async () => {
    const plain = await tar(tree);
    expect(await failure([given('t.tar', plain.slice(0, 700))])).toMatch(/t\.tar is a damaged or truncated tar file/);
    expect(await failure([given('t.tgz', gzipSync(plain).slice(0, -40))])).toMatch(/damaged or truncated gzip file/);
    const bad = plain.slice();
    bad[130]! ^= 1;
    expect(await failure([given('t.tar', bad)])).toMatch(/damaged or truncated tar/);
    expect(await failure([given('t.tgz', gzipSync(await tar({ 'a/1.png': new Uint8Array(40 * 2 ** 20) })))])).toMatch(/looks like a bomb/);
  });
});

describe('CIFAR', () => {
  const colour = random(6, 20, { height: 32, width: 32, channels: 3 }, 10);
  /** Records of label bytes, then three planes. */
  const batch = (rows: number[], labels: (row: number) => number[]): Uint8Array => joined(...rows.flatMap((row) => {
    const image = colour.pixels.subarray(3072 * row, 3072 * (row + 1));
    return [labels(row), ...[0, 1, 2].map((c) => image.filter((_, i) => i % 3 === c))];
  }));
  const first = [...Array(10).keys()];
  const ten = (rows: number[]) => batch(rows, (row) => [row % 10]);

  it('reads CIFAR-10, alone and in its tar.gz with names', async () => {
    const files = { 'c/data_batch_1.bin': ten(first), 'c/test_batch.bin': ten(first.map((i) => 10 + i)) };
    const loose = await settled(Object.entries(files).map(([path, bytes]) => given(path, bytes)), 32, 3);
    expect(loose.found).toMatchObject({ format: 'cifar', name: 'cifar-10', counts: { byPart: { train: 10, test: 10 } } });
    expect(loose.dataset.classNames.slice(0, 3)).toEqual(['airplane', 'automobile', 'bird']);
    expect(loose.dataset.images).toEqual(colour.pixels);
    expect([...loose.dataset.parts!.slice(8, 12)]).toEqual([0, 0, 2, 2]);
    const names = [...'abcdefghij'].join('\n');
    const packed = await settled([given('cifar.tar.gz', gzipSync(await tar({ ...files, 'c/batches.meta.txt': ascii(names) })))], 32, 3);
    expect(packed.dataset.classNames).toEqual([...'abcdefghij']);
    expect(packed.dataset.images).toEqual(colour.pixels);
  });

  it('asks which labels of CIFAR-100, fine by default', async () => {
    const { found } = await settled([given('train.bin', batch(first, (row) => [row % 2, row % 5 + 90]))], 32, 3);
    expect(found).toMatchObject({ classNames: ['90', '91', '92', '93', '94'], questions: [{ id: 'labels', default: 'fine' }] });
    expect((await found.answered({ labels: 'coarse' })).counts.byClass).toEqual([5, 5]);
  });

  it('says what is wrong', async () => {
    expect(await failure([given('data_batch_1.bin', batch(first, (row) => [row + 5]))])).toMatch(/data_batch_1\.bin holds the label 10 in record 6; CIFAR-10 has labels below 10/);
    expect(await failure([given('data_batch_1.bin', ten(first)), given('train.bin', batch(first, () => [0, 0]))])).toMatch(/no whole number of records/);
    expect(await failure([given('data_batch_1', Uint8Array.of(0x80, 2, 3))])).toMatch(/is a Python pickle/);
  });
});

describe('CSV', () => {
  const rows = [0, 1, 2, 3, 4, 5].map((i) => [...pixels.subarray(16 * i, 16 * i + 16)]);
  const csv = (lines: (string | number)[][], separator = ',') => lines.map((line) => line.join(separator)).join('\n');
  const titles = ['label', ...rows[0]!.map((_, i) => `pixel${i}`)];

  it.each<[string, string]>([
    ['with a header', csv([titles, ...rows.map((row, i) => [i % 2, ...row])])],
    ['without', csv(rows.map((row, i) => [i % 2, ...row]))],
    ['the label last, with an id and semicolons', csv([['id', ...titles.slice(1), 'class'], ...rows.map((row, i) => [`i${i}`, ...row, i % 2])], ';')],
    ['with quotation marks, a byte order mark and CRLF', `\uFEFF${csv([titles, ...rows.map((row, i) => [`"${i % 2}"`, ...row])]).replaceAll('\n', '\r\n')}\r\n`],
    ['pixels with spaces between', csv([['emotion', 'pixels'], ...rows.map((row, i) => [i % 2, row.join(' ')])])],
  ])('reads a table %s', async (_, text) => {
    const { found, dataset } = await settled([given('t.csv', text)]);
    expect(found).toMatchObject({ format: 'csv', name: 't', classNames: ['0', '1'], notes: [] });
    expect([...dataset.images]).toEqual([...pixels]);
    expect([...dataset.labels]).toEqual([0, 1, 0, 1, 0, 1]);
  });

  it('reads words as labels, a column of parts, and several files', async () => {
    const text = csv([['y', 'split', ...titles.slice(1)], ...rows.map((row, i) => [i % 2 ? 'cat' : 'dog', i < 4 ? 'train' : 'test', ...row])]);
    expect((await settled([given('t.csv', text)])).found).toMatchObject({ classNames: ['cat', 'dog'], counts: { byPart: { train: 4, test: 2 } } });
    const half = (from: number) => csv([titles, ...rows.slice(from, from + 3).map((row, i) => [i % 2, ...row])]);
    expect((await settled([given('m_train.csv', half(0)), given('m_test.csv', half(3))])).found.counts.byPart).toEqual({ train: 3, test: 3 });
  });

  it('asks for the label column only where no name says it', async () => {
    const { found } = await settled([given('t.csv', csv(rows.map((row, i) => [i % 2, ...row])))]);
    expect(found.questions).toMatchObject([{ id: 'labels', default: '0', options: [{ value: '0', label: 'The first' }, { value: '16', label: 'The last' }] }]);
  });

  it('leaves out rows that do not fit and says why', async () => {
    const lines = rows.map((row, i) => [i % 2, ...row]) as (string | number)[][];
    lines[1]![3] = 'x';
    lines[2]!.pop();
    lines[3]![0] = '';
    const { found, dataset } = await settled([given('t.csv', csv([titles, ...lines]))]).catch((error: unknown) => { throw error; });
    expect(dataset.count).toBe(3);
    expect(found.notes).toEqual([
      { text: '1 row was left out: a pixel that is no number.', count: 1, examples: ['t.csv row 2'] },
      { text: '1 row was left out: another number of columns than the first.', count: 1, examples: ['t.csv row 3'] },
      { text: '1 row was left out: no label.', count: 1, examples: ['t.csv row 4'] },
    ]);
  });

  it('says what is wrong', async () => {
    expect(await failure([given('t.csv', csv([['label', 'a', 'b'], [1, 2, 3]]))])).toMatch(/t\.csv has 3 columns; beside the label, as many pixels as a square image has/);
    expect(await failure([given('t.csv', csv(rows.map((row) => [-1, ...row])))])).toMatch(/The column of labels of t\.csv holds the label -1 at row 1/);
    expect(await failure([given('notes.txt', 'hello there')])).toMatch(/notes\.txt has 1 column/);
  });
});

describe('IDX', () => {
  const images = (from: number) => idxBytes(8, [3, 4, 4], pixels.subarray(48 * from, 48 * from + 48));
  it('reads a pair, and a pair to train and one to test on', async () => {
    const pair = await settled([given('toy-images-idx3-ubyte', images(0)), given('toy-labels-idx1-ubyte.gz', gzipSync(idxBytes(8, [3], [3, 7, 3])))]);
    expect(pair.found).toMatchObject({ format: 'idx', name: 'toy', classNames: ['3', '7'] });
    const four = await settled([
      given('train-images-idx3-ubyte', images(0)), given('train-labels-idx1-ubyte', idxBytes(8, [3], [3, 7, 3])),
      given('t10k-images-idx3-ubyte', images(1)), given('t10k-labels-idx1-ubyte', idxBytes(8, [3], [7, 9, 3])),
    ]);
    expect(four.found).toMatchObject({ classNames: ['3', '7', '9'], counts: { byClass: [3, 2, 1], byPart: { train: 3, test: 3 } } });
    expect([...four.dataset.labels]).toEqual([0, 1, 0, 1, 2, 0]);
    expect([...four.dataset.images]).toEqual([...pixels]);
  });

  it('keeps the sentences of its reader', async () => {
    expect(await failure([given('toy-images', images(0))])).toMatch(/only toy-images was given/);
  });
});
