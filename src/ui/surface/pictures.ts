/** Which maps are shown and what is on each: from a plane and the controls to fields, colours, ghosts and ellipses. Pure. */
import { cutFamilies } from '../../experiment/surface/cuts.ts';
import type { Plane, SectionPrior } from '../../experiment/result.ts';
import { coefficientsAt } from '../../measure/quadratic.ts';
import type { Family } from '../../prior/prior.ts';
import type { CsvValue } from '../../storage/exports.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { settingText } from '../charts/format.ts';
import { type ColourScale, lossDomain } from './colour.ts';
import { type Ellipse, priorEllipses } from './ellipse.ts';
import { type Field, fieldMinimum } from './field.ts';
import type { Place } from './MapMarks.tsx';
import { priorAt, type PriorSetting, scaleOf } from './objective.ts';
import { fieldOf, type Quantity, QUANTITY_WORDS, scaleFor } from './quantities.ts';
import type { Unit } from './unit.ts';
import type { SurfaceChoice } from './view.ts';

export interface MapPicture {
  key: string;
  quantity: Quantity;
  title: string;
  subtitle: string;
  /** Where there is little room. */
  short: string;
  field: Field;
  scale: ColourScale;
  unit: Unit;
  /** Follows the controls of the prior. */
  live: boolean;
  isTest: boolean;
  ghost: { field: Field; least: Place | null } | null;
  ellipses: Ellipse[];
}

interface Wanted {
  key: string;
  quantity: Quantity;
  prior: SectionPrior | null;
  title: string;
  short: string;
  /** Shown above its own lowest value: constants of different priors cannot be compared, depths can. */
  above: boolean;
}

/** The family whose prior the controls name: the chosen one, the learned one, any. */
export function familyOf(priors: readonly SectionPrior[], chosen: Family | null): Family | null {
  const there = [...new Set(priors.map(({ family }) => family))];
  return there.find((family) => family === chosen) ?? cutFamilies(there)[0] ?? there[0] ?? null;
}

/** Families side by side: the chosen one first, beside it the learned one, L2-SP and isotropic. */
export function familiesAbreast(priors: readonly SectionPrior[], chosen: Family | null): Family[] {
  const there = [...new Set(priors.map(({ family }) => family))];
  const own = familyOf(priors, chosen);
  return [...new Set([...(own ? [own] : []), ...cutFamilies(there)])].slice(0, 3);
}

/** What of the choice decides the maps. */
export type Shown = Pick<SurfaceChoice, 'compare' | 'quantities' | 'family' | 'temperature' | 'sameColours' | 'ellipses'>;

export type Ghosts = ReadonlyMap<string, NonNullable<MapPicture['ghost']>>;

/** Keys of the maps in their order; some may have nothing to show. */
export function mapKeys(plane: Plane, shown: Shown, setting: PriorSetting): string[] {
  return wantedMaps(plane, shown, setting).map(({ key }) => key);
}

/** Maps that the prior's controls do not move. */
export function stillPictures(plane: Plane, shown: Shown, setting: PriorSetting): MapPicture[] {
  const shared = sharedScale(plane, shown);
  return fieldsOf(plane, shown, setting, false).flatMap(({ values, ...wanted }): MapPicture[] => {
    const scale = (wanted.above || wanted.quantity.endsWith('nll')) && shared ? shared : scaleFor(wanted.quantity, [values]);
    return scale ? [pictureOf(plane, shown, setting, wanted, values, scale)] : [];
  });
}

/** Maps under the prior as the controls stand. */
export function livePictures(plane: Plane, shown: Shown, setting: PriorSetting, ghosts: Ghosts): MapPicture[] {
  const common = sharedScale(plane, shown);
  return fieldsOf(plane, shown, setting, true).flatMap(({ values, ...wanted }): MapPicture[] => {
    const scale = wanted.quantity === 'objective' && common ? common : scaleFor(wanted.quantity, [values]);
    const { prior } = wanted;
    const ellipses = shown.ellipses && prior ? priorEllipses(coefficientsAt(prior, scaleOf(prior, setting), setting.floor)) : [];
    return scale ? [{ ...pictureOf(plane, shown, setting, wanted, values, scale), ghost: ghosts.get(wanted.key) ?? null, ellipses }] : [];
  });
}

/** The live maps as they were before a drag, by key. */
export function ghostsOf(plane: Plane, shown: Shown, before: PriorSetting | null): Ghosts {
  if (!before) return new Map();
  return new Map(fieldsOf(plane, shown, before, true).map(({ key, values }) => {
    const field = { a: plane.a, b: plane.b, values };
    return [key, { field, least: fieldMinimum(field)?.refined ?? null }];
  }));
}

/** By plane: what a drag does not change is not found anew for every frame. */
const scales = new WeakMap<Plane, Map<Shown['compare'], ColourScale | null>>();

/** One scale for every loss: of priors side by side always, as deep as the deeper of train and test NLL; of quantities where it is wanted. */
function sharedScale(plane: Plane, { compare, sameColours }: Shown): ColourScale | null {
  if (compare === 'quantities' && !sameColours) return null;
  const known = scales.get(plane) ?? new Map<Shown['compare'], ColourScale | null>();
  scales.set(plane, known);
  if (!known.has(compare)) known.set(compare, compare === 'quantities' ? lossDomain([plane.trainNll, plane.testNll]) : deepest(plane));
  return known.get(compare) ?? null;
}

function deepest(plane: Plane): ColourScale | null {
  const depths = [plane.trainNll, plane.testNll].flatMap((map) => {
    const own = lossDomain([map]);
    return own ? [own.high - own.low] : [];
  });
  return depths.length > 0 ? { kind: 'loss', low: 0, high: Math.max(...depths), clipped: true } : null;
}

function aboveLowest(values: Float32Array): Float32Array {
  let low = Infinity;
  for (const value of values) if (value < low) low = value;
  return values.map((value) => value - low);
}

function fieldsOf(plane: Plane, shown: Shown, setting: PriorSetting, live: boolean): (Wanted & { values: Float32Array })[] {
  return wantedMaps(plane, shown, setting).filter(({ quantity }) => QUANTITY_WORDS[quantity].live === live).flatMap((wanted) => {
    const values = fieldOf(plane, wanted.quantity, wanted.prior, setting, shown.temperature);
    return values ? [{ ...wanted, values: wanted.above ? aboveLowest(values) : values }] : [];
  });
}

function pictureOf(plane: Plane, shown: Shown, setting: PriorSetting, { key, quantity, prior, title, short }: Wanted, values: Float32Array, scale: ColourScale): MapPicture {
  const { unit, live } = QUANTITY_WORDS[quantity];
  return {
    key, quantity, title, short, scale, unit, live, isTest: quantity === 'test-nll', field: { a: plane.a, b: plane.b, values },
    subtitle: subtitleOf(plane, quantity, prior, setting, shown.temperature), ghost: null, ellipses: [],
  };
}

function wantedMaps(plane: Plane, { compare, quantities, family }: Shown, setting: PriorSetting): Wanted[] {
  if (compare === 'priors') {
    const abreast = familiesAbreast(plane.priors, family).map((one): Wanted => ({
      key: `objective ${one}`, quantity: 'objective', prior: priorAt(plane.priors, one, setting.rank), title: `Train + ${ARM_STYLE[one].label} prior`, short: ARM_STYLE[one].label, above: true,
    }));
    return [...abreast, { key: 'test above', quantity: 'test-nll', prior: null, title: QUANTITY_WORDS['test-nll'].label, short: 'Test', above: true }];
  }
  const own = familyOf(plane.priors, family);
  const prior = priorAt(plane.priors, own, setting.rank);
  return quantities.map((quantity) => ({ key: quantity, quantity, prior, above: false, title: QUANTITY_WORDS[quantity].label, short: QUANTITY_WORDS[quantity].label.replace(' NLL', '').replace('accuracy', 'acc.') }));
}

function subtitleOf(plane: Plane, quantity: Quantity, prior: SectionPrior | null, setting: PriorSetting, temperature: number): string {
  const { live, note } = QUANTITY_WORDS[quantity];
  if (!live || !prior) return note || `N = ${plane.n} training examples`;
  const parts = [ARM_STYLE[prior.family].label, ...(prior.rank > 0 ? [`K = ${prior.rank}`] : []), `λ = ${settingText(scaleOf(prior, setting))}`, ...(setting.floor > 0 ? [`ε = ${settingText(setting.floor)}`] : [])];
  return quantity === 'energy' ? `${note}, T = ${settingText(temperature)}` : parts.join(', ');
}

/** A row a grid point: place, what was measured there, and every map shown. */
export function mapsCsv(plane: Plane, maps: readonly MapPicture[]): CsvValue[][] {
  const live = maps.filter((map) => map.live);
  return [
    ['a', 'b', 'train_nll', 'test_nll', 'train_accuracy', 'test_accuracy', 'measured', ...live.map(({ title, subtitle }) => `${title} (${subtitle})`)],
    ...Array.from(plane.trainNll, (value, k): CsvValue[] => [
      plane.a[k % plane.a.length]!, plane.b[Math.floor(k / plane.a.length)]!, value, plane.testNll[k]!, plane.trainAccuracy[k]!, plane.testAccuracy[k]!, plane.measured[k] === 1,
      ...live.map(({ field }) => field.values[k]!),
    ]),
  ];
}

/** The plane and the maps shown, as one object. */
export function mapsJson(plane: Plane, maps: readonly MapPicture[], setting: PriorSetting): object {
  return { ...plane, setting, maps: maps.filter((map) => map.live).map(({ title, subtitle, field }) => ({ title, subtitle, values: field.values })) };
}
