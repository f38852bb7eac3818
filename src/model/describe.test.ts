import { describe, expect, it } from 'vitest';
import { buildArchitecture, parameterTable } from './build.ts';
import { describeLayers } from './describe.ts';

const input = { height: 28, width: 28, channels: 1 };

describe('the layers of a network', () => {
  it.each(['convnet-s', 'mlp', 'linear', 'resnet-8', 'resnet-14'] as const)('have together the parameters of the table: %s', (name) => {
    const architecture = buildArchitecture(name, { widths: [4, 8, 16], input, classes: 5 });
    const rows = describeLayers(architecture);
    const { entries, total } = parameterTable(architecture);
    expect(rows.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(total);
    const tensors = rows.flatMap((row) => row.tensors.map((tensor) => `${row.name}.${tensor}`));
    expect(tensors).toEqual(entries.map((entry) => `${entry.name} ${entry.shape.join('×')}`));
    expect(rows.at(-1)!.output).toEqual({ height: 1, width: 1, channels: 5 });
  });

  it('say what they do', () => {
    const rows = describeLayers(buildArchitecture('resnet-8', { widths: [16, 32, 64], input, classes: 10 }));
    expect(rows.find(({ name }) => name === 'layer2.0')).toEqual({ name: 'layer2.0', what: 'plus its shortcut, ReLU', tensors: [], parameters: 0, output: { height: 14, width: 14, channels: 32 } });
    expect(rows.find(({ name }) => name === 'layer1.0')!.what).toBe('plus its input, ReLU');
    expect(rows[1]).toMatchObject({ name: 'norm', what: 'group norm, 8 groups, ReLU', tensors: ['weight 16', 'bias 16'], parameters: 32 });
    expect(rows.find(({ name }) => name === 'layer3.0.shortcut.0')).toMatchObject({ what: '1×1 convolution, stride 2', parameters: 2048 });
  });
});
