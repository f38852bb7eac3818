/** The config: presets, the two ways to write it, what is refused and how, its JSON Schema, and which stage a change makes stale. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { LabError } from '../src/core/errors.ts';
import { configJsonSchema, defaults, differences, nested, parseConfig, SETTING_KEYS, stageKey } from '../src/experiment/config/config.ts';
import { PRESETS, presetNames } from '../src/experiment/config/presets.ts';
import type { Setting } from '../src/experiment/config/setting-kinds.ts';
import { type SettingKey, SETTINGS, STAGES } from '../src/experiment/config/settings.ts';
import { ARMS } from '../src/prior/prior.ts';

/** The sentence of the LabError with which a config is refused. */
function refusal(input: unknown): string {
  try {
    parseConfig(input);
  } catch (error) {
    expect(error).toBeInstanceOf(LabError);
    expect((error as LabError).kind).toBe('config');
    return (error as LabError).message;
  }
  throw new Error(`${JSON.stringify(input)} was not refused`);
}

/** Another sound value of a setting, alone. */
function another(setting: Setting): unknown {
  switch (setting.kind) {
    case 'integer': return setting.default < setting.max ? setting.default + 1 : setting.default - 1;
    case 'number': return (setting.default + setting.max) / 2 || setting.max;
    case 'text': return `${setting.default}2`;
    case 'choice': return setting.options.find((option) => option !== setting.default);
    case 'choices': return [setting.options[0]];
    case 'numbers': return [...setting.default.slice(0, -1), setting.default.at(-1)! * 2];
    case 'names': return ['A', 'B'];
    default: return setting satisfies never;
  }
}

/** Values that a setting must refuse. */
function wrong(setting: Setting): unknown[] {
  switch (setting.kind) {
    case 'integer': return [setting.min - 1, setting.max + 1, setting.min + 0.5, String(setting.default), null, NaN];
    case 'number': return [setting.min - 1e-9 - Math.abs(setting.min) * 1e-3, setting.max * 1.01, String(setting.default), null, NaN, Infinity];
    case 'text': return ['', 'x'.repeat(201), 3, null];
    case 'choice': return ['no such option', 0, null];
    case 'choices': return [[], ['no such option'], [setting.options[0], setting.options[0]], setting.options[0]];
    case 'numbers': return [[], [setting.min - 1], [setting.max * 1.01], ['1'], setting.default[0], Array(101).fill(setting.default[0])];
    case 'names': return [[''], [1], 'AB'];
    default: return setting satisfies never;
  }
}

describe('presets', () => {
  it('{} is the standard preset, and the standard preset is the defaults of the settings', () => {
    const { preset, config } = parseConfig({});
    expect(preset).toBe('standard');
    expect(config).toEqual(Object.fromEntries(SETTING_KEYS.map((key) => [key, SETTINGS[key].default])));
  });

  it.each(presetNames)('%s is sound, and what is given overrides it', (name) => {
    expect(parseConfig({ preset: name })).toEqual({ preset: name, config: { ...defaults(), ...PRESETS[name] } });
    const { config } = parseConfig({ preset: name, downstream: { n: 37 } });
    expect(differences(config, name)).toEqual({ 'downstream.n': 37 });
  });

  it('an unknown preset is refused by name', () => {
    expect(refusal({ preset: 'huge' })).toMatch(/"huge".*smoke, toy, scenes, quick, standard/);
    expect(refusal({ preset: 3 })).toMatch(/3/);
    expect(refusal({ preset: 'toString' })).toMatch(/"toString" is unknown/);
  });
});

describe('the two ways to write a config', () => {
  it('dotted, nested and mixed mean the same', () => {
    const dotted = parseConfig({ preset: 'quick', 'downstream.n': 50, 'downstream.shift': 'clutter', 'grid.headStrengths': [1, 10], seeds: 3 });
    expect(parseConfig({ preset: 'quick', downstream: { n: 50, shift: 'clutter' }, grid: { headStrengths: [1, 10] }, seeds: 3 })).toEqual(dotted);
    expect(parseConfig({ preset: 'quick', downstream: { n: 50 }, 'downstream.shift': 'clutter', grid: { headStrengths: [1, 10] }, seeds: 3 })).toEqual(dotted);
  });

  it('a file must be an object', () => {
    for (const input of [null, [], 'quick', 3, undefined]) expect(refusal(input)).toMatch(/must be a JSON object/);
  });

  it('an unknown setting is refused by its whole name', () => {
    expect(refusal({ downstream: { m: 3 } })).toMatch(/"downstream\.m" is unknown/);
    expect(refusal({ 'downstream.n.x': 3 })).toMatch(/"downstream\.n\.x" is unknown/);
    expect(refusal({ downstream: 3 })).toMatch(/"downstream" is unknown/);
    expect(refusal(JSON.parse('{"__proto__": {"n": 1}}'))).toMatch(/"__proto__\.n" is unknown/);
  });
});

describe.each(SETTING_KEYS)('%s', (key) => {
  const setting: Setting = SETTINGS[key];

  it('takes its bounds and another value', () => {
    if (setting.kind === 'integer' || setting.kind === 'number') {
      expect(setting.default).toBeGreaterThanOrEqual(setting.min);
      expect(setting.default).toBeLessThanOrEqual(setting.max);
    }
    // Rules that join settings are tested below; room is made for them here.
    const room = key === 'posterior.rank' ? { 'posterior.snapshots': 100 } : {};
    expect(parseConfig({ ...room, [key]: another(setting) }).config[key]).toEqual(another(setting));
  });

  it('refuses what does not fit, naming itself', () => {
    for (const value of wrong(setting)) {
      const sentence = refusal({ [key]: value });
      expect(sentence).toContain(`"${key}"`);
      expect(sentence).toMatch(/^[^\n]+\.$/);
    }
  });
});

describe('rules that join settings', () => {
  it('points and images do not mix, and the toy takes no setting of images', () => {
    expect(refusal({ preset: 'toy', downstream: { data: 'glyphs' } })).toMatch(/do not go together/);
    expect(refusal({ source: { data: 'toy' }, downstream: { data: 'toy' } })).toMatch(/choose the network MLP/);
    expect(refusal({ preset: 'toy', arms: ['l2-sp', 'shift-trajectory'] })).toMatch(/Shift-trajectory.*the toy has points/);
    expect(refusal({ preset: 'toy', downstream: { shift: 'clutter' } })).toMatch(/“Shift” \(downstream\.shift\) is about images/);
    expect(refusal({ preset: 'toy', robustness: { images: 50 } })).toMatch(/\(robustness\.images\) is about images/);
    expect(parseConfig({ preset: 'toy', 'toy.shape': 'spirals' }).config['toy.shape']).toBe('spirals');
    expect(stageKey(parseConfig({ 'toy.shape': 'spirals' }).config, 'verdict')).toBe(stageKey(parseConfig({}).config, 'verdict'));
  });

  it('the three grids have equally many values', () => {
    for (const key of ['grid.scales', 'grid.isotropicScales', 'grid.learningRates']) expect(refusal({ [key]: [0.5, 1] })).toMatch(/three grids/);
    expect(parseConfig({ 'grid.scales': [1], 'grid.isotropicScales': [2], 'grid.learningRates': [0.1] }).config['grid.scales']).toEqual([1]);
  });

  it('snapshots fit into the SWAG steps, the rank into the snapshots', () => {
    expect(refusal({ posterior: { steps: 10, snapshots: 11, rank: 2 } })).toMatch(/more snapshots than SWAG steps/);
    expect(parseConfig({ posterior: { steps: 11, snapshots: 11, rank: 11 } }).config['posterior.rank']).toBe(11);
    expect(refusal({ posterior: { steps: 11, snapshots: 10, rank: 11 } })).toMatch(/Rank K cannot exceed/);
    expect(refusal({ posterior: { basins: 10, rank: 12 } })).toMatch(/10 basins of rank 12 merge into a factor of 129 directions, more than 128/);
    expect(refusal({ posterior: { basins: 2, method: 'fisher' } })).toMatch(/one mean; set Basins to 1/);
    expect(refusal({ preset: 'toy', source: { method: 'simclr' } })).toMatch(/toy has points/);
    expect(refusal({ source: { method: 'vicreg', batch: 1 } })).toMatch(/at least two images/);
    expect(refusal({ posterior: { method: 'fisher' }, source: { weightDecay: 0 } })).toMatch(/needs weight decay/);
    expect(refusal({ model: { architecture: 'resnet-8', widths: [16, 32] } })).toMatch(/3 stages and takes 3 widths, not 2/);
    expect(parseConfig({ posterior: { basins: 10 } }).config['posterior.basins']).toBe(10);
  });
});

describe('differences and nested', () => {
  it('go round: what differs, nested and parsed again, is the same config', () => {
    const { config } = parseConfig({
      preset: 'quick', name: 'Round trip', seed: 7, arms: ['none', 'l2-sp'], source: { classes: ['A', 'B'] }, downstream: { n: 20, severity: 0.5 }, grid: { headStrengths: [0, 1] },
    });
    const flat = differences(config, 'quick');
    expect(Object.keys(flat).sort()).toEqual(['arms', 'downstream.n', 'downstream.severity', 'grid.headStrengths', 'name', 'seed', 'source.classes']);
    const file = { preset: 'quick', ...nested(flat) };
    expect(file).toMatchObject({ downstream: { n: 20, severity: 0.5 }, seed: 7 });
    expect(parseConfig(JSON.parse(JSON.stringify(file)))).toEqual({ preset: 'quick', config });
    // From another base more differs, and it comes to the same.
    expect(parseConfig({ preset: 'smoke', ...nested(differences(config, 'smoke')) }).config).toEqual(config);
  });

  it('nothing differs from itself', () => {
    for (const name of presetNames) expect(differences(defaults(name), name)).toEqual({});
    expect(Object.keys(differences(defaults('smoke'), 'standard')).sort()).toEqual(Object.keys(PRESETS.smoke).sort());
  });
});

describe('stageKey', () => {
  it.each(SETTING_KEYS)('%s makes its stage and those that depend on it stale, none before', (key: SettingKey) => {
    // An arm's own settings count where the arm takes part, a method's where it is chosen, where basins start where there are several, a stem where the network has one, views where they are compared, the toy's and the scenes' where the data are those.
    const before = { ...defaults(), arms: ARMS, 'posterior.basins': 3, 'sampling.method': key === 'sampling.swagRate' || key === 'sampling.snapshots' ? 'swag' as const : 'cyclical' as const, ...(/^source\.(temperature|projection|crop|flip|jitter|blur|noise|cutout)$/.test(key) ? { 'source.method': 'simclr' as const } : /^source\.(co)?variance/.test(key) ? { 'source.method': 'vicreg' as const } : {}), ...(key === 'model.stem' ? { 'model.architecture': 'resnet-8' as const } : {}), ...(key.startsWith('toy.') ? { 'source.data': 'toy', 'downstream.data': 'toy' } : {}), ...(key.startsWith('scenes.') ? { 'downstream.data': 'scenes' } : {}), ...(key === 'source.normalisation' ? { 'source.data': 'mine' } : {}) };
    const after = { ...before, [key]: another(SETTINGS[key]) };
    const stale = STAGES.filter((stage) => stageKey(before, stage) !== stageKey(after, stage));
    const first = SETTINGS[key].stage;
    expect(stale).toEqual(STAGES.slice(STAGES.indexOf(first)).filter((stage) => !(first === 'surface' && stage === 'inference')));
  });
});

describe('the JSON Schema', () => {
  const schema = configJsonSchema();
  const check = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);

  it('takes {} and every preset, by name and written out', () => {
    expect(check.safeParse({}).success).toBe(true);
    for (const name of presetNames) {
      expect(check.safeParse({ preset: name }).success).toBe(true);
      expect(check.safeParse(JSON.parse(JSON.stringify(nested(defaults(name))))).error).toBeUndefined();
    }
  });

  it('refuses what the config refuses', () => {
    for (const input of [{ preset: 'huge' }, { downstream: { n: 0 } }, { downstream: { n: 1.5 } }, { downstream: { m: 1 } }, { arms: ['best'] }, { arms: [] }, { grid: { scales: ['1'] } }, { wat: 1 }]) {
      refusal(input);
      expect(check.safeParse(input).success, JSON.stringify(input)).toBe(false);
    }
  });

  it('has every setting with its words, default and bounds', () => {
    interface Node { type?: string; properties?: Record<string, Node>; title?: string; description?: string; default?: unknown; minimum?: number; maximum?: number; items?: { enum?: string[] } }
    const at = (key: string) => key.split('.').reduce<Node | undefined>((node, part) => node?.properties?.[part], schema);
    for (const key of SETTING_KEYS) {
      expect(at(key), key).toMatchObject({ title: SETTINGS[key].label, default: SETTINGS[key].default });
      expect(at(key)!.description).toContain(SETTINGS[key].help);
    }
    expect(at('downstream.n')).toMatchObject({ type: 'integer', minimum: 1, maximum: 50000 });
    expect(at('arms')!.items!.enum).toEqual([...ARMS]);
    expect(schema['$schema']).toMatch(/json-schema\.org\/draft\/2020-12/);
  });
});
