import { describe, expect, it } from 'vitest';
import { chosen, edited, figure, settingsOf, unedited, withData } from './edit.ts';

describe('editing settings', () => {
  it('remembers only what differs from the preset', () => {
    const once = edited(settingsOf('quick'), { 'downstream.n': 50 });
    expect(once.edits).toEqual({ 'downstream.n': 50 });
    expect(once.config['downstream.n']).toBe(50);
    expect(edited(once, { 'downstream.n': 100 }).edits).toEqual({});
    expect(unedited(once, ['downstream.n']).config['downstream.n']).toBe(100);
  });

  it('names a value that does not fit at its setting and leaves everything else as it was', () => {
    const wrong = edited(edited(settingsOf('quick'), { seeds: 7 }), { 'downstream.n': 'many' });
    expect(wrong.faults).toEqual({ 'downstream.n': 'Training images n takes a whole number from 1 to 50,000 images.' });
    expect(wrong.config['downstream.n']).toBe(100);
    expect(wrong.config.seeds).toBe(7);
    expect(wrong.edits['downstream.n']).toBe('many');
    expect(edited(wrong, { 'downstream.n': 20 }).faults).toEqual({});
  });

  it('shows a fault that joins settings where the last change was made', () => {
    const uneven = edited(settingsOf('quick'), { 'grid.scales': [1, 2] });
    expect(uneven.faults['grid.scales']).toMatch(/three grids/);
    expect(uneven.config['grid.scales']).toHaveLength(3);
    const even = edited(edited(uneven, { 'grid.isotropicScales': [3, 4] }), { 'grid.learningRates': [0.01, 0.1] });
    expect(even.faults).toEqual({});
    expect(even.config['grid.scales']).toEqual([1, 2]);
  });

  it('a preset sets everything but the name and the data', () => {
    const changed = edited(settingsOf('quick'), { name: 'Mine', 'downstream.data': 'mnist', 'downstream.n': 50 });
    const smoke = chosen(changed, 'smoke');
    expect(smoke.edits).toEqual({ name: 'Mine', 'downstream.data': 'mnist' });
    expect(smoke.config['downstream.n']).toBe(20);
  });

  it('the toy comes and goes with its preset', () => {
    const toy = withData(edited(settingsOf('quick'), { name: 'Mine', 'source.data': 'mnist', 'downstream.shift': 'clutter' }), 'downstream', 'toy', 'quick');
    expect(toy).toMatchObject({ preset: 'toy', edits: { name: 'Mine' }, faults: {} });
    expect(toy.config['source.data']).toBe('toy');
    const back = withData(toy, 'source', 'mnist', 'quick');
    expect(back).toMatchObject({ preset: 'quick', edits: { name: 'Mine', 'source.data': 'mnist' }, faults: {} });
    expect(back.config['downstream.data']).toBe('glyphs');
  });

  it('another network brings its widths, unless the visitor chose some that fit it', () => {
    const widths = (settings: ReturnType<typeof edited>) => [settings.config['model.architecture'], ...settings.config['model.widths']];
    const mlp = edited(settingsOf('quick'), { 'model.architecture': 'mlp' });
    expect(widths(mlp)).toEqual(['mlp', 64, 32]);
    const resnet = edited(mlp, { 'model.architecture': 'resnet-8' });
    expect(widths(resnet)).toEqual(['resnet-8', 8, 16, 32]);
    expect(resnet.edits).toEqual({ 'model.architecture': 'resnet-8' });
    const own = edited(resnet, { 'model.widths': [4, 4, 8] });
    expect(widths(edited(own, { 'model.architecture': 'convnet-s' }))).toEqual(['convnet-s', 4, 4, 8]);
    const two = edited(settingsOf('quick'), { 'model.widths': [12, 24] });
    const fitting = edited(two, { 'model.architecture': 'resnet-14' });
    expect(widths(fitting)).toEqual(['resnet-14', 8, 16, 32]);
    expect(fitting.faults).toEqual({});
    expect(edited(resnet, { 'model.widths': [8, 16] }).faults['model.widths']).toMatch(/3 stages and takes 3 widths, not 2/);
    expect(widths(edited(edited(settingsOf('quick'), { 'model.architecture': 'mlp' }), { 'model.architecture': 'convnet-s' }))).toEqual(['convnet-s', 8, 16, 32]);
  });

  it('writes bounds legibly', () => {
    expect([0, 1, 50000, 1e-6, 1e12, 0.999].map(figure)).toEqual(['0', '1', '50,000', '1e−6', '1e12', '0.999']);
  });
});
