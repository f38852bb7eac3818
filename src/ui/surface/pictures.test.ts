import { describe, expect, it } from 'vitest';
import type { Plane, SectionPrior } from '../../experiment/result.ts';
import { linspace } from '../../measure/plane.ts';
import { RATIOS } from '../../measure/quadratic.ts';
import type { Family } from '../../prior/prior.ts';
import { fieldMinimum } from './field.ts';
import type { PriorSetting } from './objective.ts';
import { familiesAbreast, ghostsOf, livePictures, mapKeys, mapsCsv, mapsJson, type Shown, stillPictures } from './pictures.ts';
import { fieldOf } from './quantities.ts';

const AXIS = linspace(-2, 2, 21);
/** Train NLL lowest at a = 1, test at a = −1; a prior of precision 1/λ around the origin, head part 0. */
function prior(family: Family, rank = 0, chosenScale = 10): SectionPrior {
  return { family, rank, chosenScale, head: [0, 0, 0, 0, 0, 0], extractor: RATIOS.map((ratio) => [100, 0, 100, 0, 0, 7].map((c) => c / (1 + ratio))) };
}
const over = (f: (a: number, b: number) => number) => Float32Array.from({ length: 441 }, (_, k) => f(AXIS[k % 21]!, AXIS[Math.floor(k / 21)]!));
const plane: Plane = {
  key: 'k', spec: { kind: 'points', points: ['pre-trained', 'none', 'low-rank'] }, seed: 1, title: 'A plane', axes: ['one', 'other'], a: AXIS, b: AXIS, n: 10, rows: { train: 10, test: 20 },
  trainNll: over((a, b) => 1 + (a - 1) ** 2 + b * b), testNll: over((a, b) => 2 + (a + 1) ** 2 + b * b), trainAccuracy: over(() => 0.5), testAccuracy: over((a) => (a > 0 ? 0.75 : 0.25)),
  measured: new Uint8Array(441).fill(1), points: [], priors: [prior('low-rank', 3), prior('l2-sp'), prior('isotropic', 0, 1000), prior('diagonal')], degenerate: false,
};
const TUNED: PriorSetting = { factor: 1, floor: 0, rank: null };
const shown = (change: Partial<Shown> = {}): Shown => ({ compare: 'quantities', quantities: ['train-nll', 'objective', 'difference'], family: null, temperature: 1, sameColours: false, ellipses: false, ...change });

describe('maps', () => {
  it('of priors side by side put the learned one first, L2-SP and isotropic beside it, in one scale above each own lowest value', () => {
    const choice = shown({ compare: 'priors' });
    expect(familiesAbreast(plane.priors, 'diagonal')).toEqual(['diagonal', 'low-rank', 'l2-sp']);
    expect(mapKeys(plane, choice, TUNED)).toEqual(['objective low-rank', 'objective l2-sp', 'objective isotropic', 'test above']);
    const maps = [...livePictures(plane, choice, TUNED, new Map()), ...stillPictures(plane, choice, TUNED)];
    expect(new Set(maps.map(({ scale }) => JSON.stringify(scale))).size).toBe(1);
    for (const { field } of maps) expect(Math.min(...Array.from(field.values))).toBe(0);
    expect(maps.find(({ key }) => key === 'objective isotropic')!.subtitle).toBe('Isotropic, λ = 1000');
  });

  it('follow λ: the objective’s minimiser goes to the prior’s centre as λ shrinks, and comes back', () => {
    const at = (factor: number) => fieldMinimum(livePictures(plane, shown(), { ...TUNED, factor }, new Map())[0]!.field)!.refined.a;
    // argmin of (a − 1)² + 100a²/(λ·10) at λ = 10: 1/(1 + 1).
    expect(at(1)).toBeCloseTo(0.5, 3);
    expect(at(1e4)).toBeCloseTo(1, 3);
    expect(at(1e-4)).toBeCloseTo(0, 3);
  });

  it('that the prior does not move stay the very same', () => {
    const [train, difference] = stillPictures(plane, shown(), TUNED);
    expect(train!.field.values).toBe(plane.trainNll);
    expect(difference!.scale.kind).toBe('signed');
    expect(livePictures(plane, shown(), TUNED, new Map()).map(({ key }) => key)).toEqual(['objective']);
  });

  it('keep the surface before a drag as a ghost', () => {
    expect(ghostsOf(plane, shown(), null).size).toBe(0);
    const ghosts = ghostsOf(plane, shown(), TUNED);
    const [moved] = livePictures(plane, shown(), { ...TUNED, factor: 1e4 }, ghosts);
    expect(moved!.ghost!.least!.a).toBeCloseTo(0.5, 3);
    expect(fieldMinimum(moved!.field)!.refined.a).toBeCloseTo(1, 3);
  });

  it('show 1σ and 2σ of the prior, that grow with λ', () => {
    const size = (factor: number) => Math.hypot(...Object.values(livePictures(plane, shown({ ellipses: true }), { ...TUNED, factor }, new Map())[0]!.ellipses[0]!.axes[0]));
    expect(size(100)).toBeCloseTo(10 * size(1), 6);
  });

  it('tell the posterior’s energy N·(e − lowest)/T', () => {
    const energy = fieldOf(plane, 'energy', plane.priors[0]!, TUNED, 0.1)!;
    const objective = fieldOf(plane, 'objective', plane.priors[0]!, TUNED, 1)!;
    const low = Math.min(...objective);
    expect(energy[7]).toBeCloseTo((10 * (objective[7]! - low)) / 0.1, 2);
  });
});

describe('numbers of the maps', () => {
  it('hold every grid point, what was measured there and every live map', () => {
    const maps = livePictures(plane, shown(), TUNED, new Map());
    const rows = mapsCsv(plane, maps);
    expect(rows).toHaveLength(442);
    expect(rows[0]).toEqual(['a', 'b', 'train_nll', 'test_nll', 'train_accuracy', 'test_accuracy', 'measured', 'Train NLL + prior (Low-rank, K = 3, λ = 10)']);
    expect(rows[1]!.slice(0, 2)).toEqual([-2, -2]);
    expect(mapsJson(plane, maps, TUNED)).toMatchObject({ seed: 1, setting: TUNED, maps: [{ title: 'Train NLL + prior' }] });
  });
});
