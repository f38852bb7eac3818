import { describe, expect, it } from 'vitest';
import { DEFAULT_AUGMENTATION } from './augment.ts';
import { previewDataset } from './preview.ts';
import { countedDataset, smallDataset } from './testing.ts';

const shape = { height: 2, width: 2, channels: 1 };
/** Class 0 is black (three rows), class 1 is white (one row). */
const data = smallDataset(Uint8Array.from({ length: 16 }, (_, i) => (i < 12 ? 0 : 255)), [0, 0, 0, 1], shape);

describe('previewDataset', () => {
  it('lays classes down and samples across, a pixel apart, empty places transparent', () => {
    const { sheet, counts } = previewDataset(data, { perClass: 2 });
    expect(counts).toEqual([3, 1]);
    expect(sheet).toMatchObject({ width: 5, height: 5, columns: 2, rows: 2 });
    const at = (x: number, y: number): number[] => [...sheet.rgba.slice((y * 5 + x) * 4, (y * 5 + x) * 4 + 4)];
    expect(at(0, 0)).toEqual([0, 0, 0, 255]);
    expect(at(4, 1)).toEqual([0, 0, 0, 255]);
    expect(at(2, 0)).toEqual([0, 0, 0, 0]);
    expect(at(1, 4)).toEqual([255, 255, 255, 255]);
    expect(at(4, 4)).toEqual([0, 0, 0, 0]);
  });

  it('shows the same samples augmented and shifted, only when asked', () => {
    const plain = previewDataset(data, { shift: { kind: 'none', severity: 1 } });
    expect([plain.augmented, plain.shifted]).toEqual([null, null]);
    const full = previewDataset(data, { augmentation: DEFAULT_AUGMENTATION, shift: { kind: 'noise', severity: 1 } });
    expect(full.sheet).toEqual(plain.sheet);
    expect(full.augmented).toMatchObject({ width: full.sheet.width, height: full.sheet.height });
    expect(full.augmented!.rgba).not.toEqual(full.sheet.rgba);
    expect(full.shifted!.rgba).not.toEqual(full.sheet.rgba);
    expect(structuredClone(full)).toEqual(full);
  });

  it('counts and samples only the rows given', () => {
    const part = previewDataset(data, { rows: [1, 3], perClass: 4 });
    expect([part.count, part.counts, part.sheet.columns]).toEqual([2, [1, 1], 1]);
  });

  it('keeps colours and ends a very long sheet', () => {
    const colour = smallDataset(Uint8Array.of(10, 20, 30), [0], { height: 1, width: 1, channels: 3 });
    expect([...previewDataset(colour).sheet.rgba]).toEqual([10, 20, 30, 255]);
    const many = countedDataset(Array.from({ length: 300 }, (_, i) => i));
    expect(previewDataset(many).sheet.rows).toBe(64);
    expect(previewDataset(many).counts.length).toBe(300);
  });
});
