/**
 * How gradients find their way back through a net. Nodes are passed from last to first. A node's gradient is that of what comes before its ReLU, so
 * whoever writes it undoes the ReLU. What several nodes read has as many contributions: what is there so far is kept apart, and the
 * next that is passed, always a convolution, adds it to its own. A node that adds another hands its own gradient on unchanged.
 */
import { type Net, unsupported } from './net.ts';
import { type Life, readersOf, type Slots, slotsOf } from './slots.ts';

export interface NodeFlow {
  /** Tensors by number: the gradient read, the one written (null: none), and the contribution that is added on the way. */
  dy: number;
  into: number | null;
  plus: number | null;
  /** What is written is final, and the ReLU of the node read from has to be undone. */
  mask: boolean;
}

export interface GradientFlow {
  tensors: Life[];
  /** One a node. */
  nodes: NodeFlow[];
}

export function gradientFlow(net: Net): GradientFlow {
  const last = net.nodes.length - 1;
  const tensors: Life[] = [];
  const own = new Map<number, number>();
  const pending = new Map<number, number>();
  const left = net.nodes.map((_, i) => readersOf(net, i).length);
  const written = (name: string, shape: Life['shape'], at: number): number => tensors.push({ name: `the gradient of ${name}`, shape, from: at, to: at }) - 1;
  const read = (tensor: number, at: number): void => {
    tensors[tensor]!.to = Math.max(tensors[tensor]!.to, at);
  };
  own.set(last, written(net.nodes[last]!.name, net.nodes[last]!.gradient, -1));
  const nodes: NodeFlow[] = [];
  for (let i = last; i >= 0; i--) {
    const node = net.nodes[i]!;
    const at = last - i;
    const dy = own.get(i)!;
    read(dy, at);
    const flow: NodeFlow = { dy, into: null, plus: null, mask: false };
    nodes[i] = flow;
    if ((node.kind === 'norm' || node.kind === 'conv') && node.added !== null) {
      if (pending.has(node.added)) throw unsupported('a map that is read before it is added to another');
      if (--left[node.added]! > 0) pending.set(node.added, dy);
      else own.set(node.added, dy);
    }
    if (node.from < 0) continue;
    const before = net.nodes[node.from]!;
    const final = --left[node.from]! === 0;
    const plus = pending.get(node.from) ?? null;
    if (plus !== null && node.kind !== 'conv') throw unsupported('a map that something else than a convolution reads along with others');
    flow.into = written(final ? before.name : `${before.name} through ${node.name}`, before.gradient, at);
    flow.plus = plus;
    if (plus !== null) read(plus, at);
    if (!final) {
      pending.set(node.from, flow.into);
      continue;
    }
    flow.mask = before.relu;
    own.set(node.from, flow.into);
  }
  return { tensors, nodes };
}

export function gradientSlots({ tensors }: GradientFlow): Slots {
  return slotsOf(tensors);
}
