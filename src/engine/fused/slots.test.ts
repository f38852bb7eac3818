/** What shares memory on the GPU: played through, every tensor is still there when it is read. */
import { describe, expect, it } from 'vitest';
import { buildArchitecture } from '../../model/build.ts';
import { bytesPerChain } from './forward.ts';
import { gradientFlow, gradientSlots } from './gradient-flow.ts';
import { inputSize } from './kernels/gather.ts';
import { type Net, netOf, sizeOf } from './net.ts';
import { outputSlots, slotsSize, sourcesOf } from './slots.ts';

const input = { height: 28, width: 28, channels: 1 };
const netFor = (name: 'convnet-s' | 'mlp' | 'resnet-8' | 'resnet-14'): Net => netOf(buildArchitecture(name, { widths: [16, 16, 32], input, classes: 10 }), 'whole');

describe.each(['convnet-s', 'mlp', 'resnet-8', 'resnet-14'] as const)('%s', (name) => {
  const net = netFor(name);

  it('finds every output where it was left, in a forward pass that is forgotten', () => {
    const { of } = outputSlots(net, false);
    const held: number[] = [];
    net.nodes.forEach((node, i) => {
      for (const source of sourcesOf(node)) if (source >= 0) expect(held[of[source]!]).toBe(source);
      expect(sourcesOf(node).map((source) => of[source])).not.toContain(of[i]);
      held[of[i]!] = i;
    });
    expect(new Set(outputSlots(net, true).of).size).toBe(net.nodes.length);
  });

  it('finds every gradient where it was left, and each is complete when its node is passed', () => {
    const flow = gradientFlow(net);
    const { of, held: slots } = gradientSlots(flow);
    const held: number[] = [];
    held[of[flow.nodes.at(-1)!.dy]!] = flow.nodes.at(-1)!.dy;
    // What reaches each node: from how many of its readers.
    const reached = new Array<number>(net.nodes.length).fill(0);
    for (let i = net.nodes.length - 1; i >= 0; i--) {
      const node = net.nodes[i]!;
      const { dy, into, plus, mask } = flow.nodes[i]!;
      expect(held[of[dy]!]).toBe(dy);
      expect(flow.tensors[dy]!.shape).toMatchObject({ height: node.output.height, width: node.output.width, channels: node.output.channels });
      if (into === null) {
        expect(node.from).toBe(-1);
        continue;
      }
      if (plus !== null) expect(held[of[plus]!]).toBe(plus);
      expect([of[dy], plus === null ? null : of[plus]]).not.toContain(of[into]);
      held[of[into]!] = into;
      if (mask) expect(net.nodes[node.from]!.relu).toBe(true);
      if (flow.nodes[node.from]!.dy === into) reached[node.from] = plus === null ? 1 : 2;
    }
    net.nodes.forEach((_, i) => {
      const readers = net.nodes.filter((node) => sourcesOf(node).includes(i));
      const handedOn = readers.some((node) => node.kind === 'norm' && node.added === i) && reached[i] === 0;
      if (i < net.nodes.length - 1) expect(handedOn ? 1 : reached[i], net.nodes[i]!.name).toBe(Math.max(1, readers.length));
    });
    if (name.startsWith('resnet')) expect(slots.length).toBeLessThan(flow.tensors.length);
  });
});

describe('bytes a chain', () => {
  it('are those of all its tensors, for a network in which nothing can be shared', () => {
    const net = netFor('convnet-s');
    const tensors = net.nodes.reduce((sum, { output, gradient }) => sum + sizeOf(output) + sizeOf(gradient), 0);
    expect(bytesPerChain(net, 10, true)).toBe(4 * (10 * (tensors + inputSize(net)) + 6 * net.packed));
  });

  it('are fewer for a ResNet than its tensors, and far fewer where no gradient follows', () => {
    const net = netFor('resnet-14');
    const gradients = net.nodes.reduce((sum, { gradient }) => sum + sizeOf(gradient), 0);
    expect(slotsSize(gradientSlots(gradientFlow(net)))).toBeLessThan(0.5 * gradients);
    expect(bytesPerChain(net, 64, false)).toBeLessThan(0.5 * bytesPerChain(net, 64, true));
  });
});
