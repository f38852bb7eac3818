/**
 * Which tensors of a plan share memory: those that are never needed at the same time. Only tensors of one shape, so that the zeros of
 * borders and padding, which no kernel writes, stay where they are.
 */
import { type Net, type Node, sizeOf, type TensorShape } from './net.ts';

/** A tensor that is written at one moment and read last at another. */
export interface Life {
  name: string;
  shape: TensorShape;
  from: number;
  to: number;
}

export interface Slots {
  /** Slot of each life. */
  of: number[];
  /** What lies in each slot, named after the first that does. */
  held: Life[];
}

export function slotsOf(lives: readonly Life[]): Slots {
  const of = new Array<number>(lives.length).fill(0);
  const held: Life[] = [];
  const until: number[] = [];
  const order = lives.map((_, i) => i).sort((a, b) => lives[a]!.from - lives[b]!.from);
  for (const i of order) {
    const life = lives[i]!;
    const free = held.findIndex(({ shape }, s) => until[s]! < life.from && sameShape(shape, life.shape));
    const slot = free >= 0 ? free : held.push(life) - 1;
    until[slot] = life.to;
    of[i] = slot;
  }
  return { of, held };
}

function sameShape(a: TensorShape, b: TensorShape): boolean {
  return a.height === b.height && a.width === b.width && a.channels === b.channels && a.border === b.border;
}

/** Nodes that read node i. */
export function readersOf(net: Net, i: number): number[] {
  return net.nodes.flatMap((node, k) => (sourcesOf(node).includes(i) ? [k] : []));
}

export function sourcesOf(node: Node): number[] {
  return (node.kind === 'norm' || node.kind === 'conv') && node.added !== null ? [node.from, node.added] : [node.from];
}

/** Outputs of the nodes, in a forward pass that is forgotten (`training` false) or that a backward pass follows. */
export function outputSlots(net: Net, training: boolean): Slots {
  return slotsOf(net.nodes.map(({ name, output }, i) => {
    const readers = readersOf(net, i);
    return { name, shape: output, from: i, to: training || readers.length === 0 ? Infinity : Math.max(...readers) };
  }));
}

/** Numbers of all slots for one image. */
export function slotsSize({ held }: Slots): number {
  return held.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
