/** Which of the lab's networks a list of names and shapes is of. A stem's stride leaves no trace in shapes, so it is not told. */
import type { ArchitectureName, StemStride } from '../model/architecture.ts';

export interface NetworkGuess {
  name: Exclude<ArchitectureName, 'linear'>;
  widths: number[];
  stem?: StemStride;
}

/** `shapes` by parameter name. Null where the names are of no network known here. */
export function guessNetwork(shapes: ReadonlyMap<string, readonly number[]>): NetworkGuess | null {
  const width = (name: string, dimensions: number): number | null => {
    const shape = shapes.get(name);
    return shape?.length === dimensions ? shape[0]! : null;
  };
  const run = (stem: string, dimensions: number): number[] => {
    const widths: number[] = [];
    for (let i = 1; ; i++) {
      const next = width(`${stem}${i}.weight`, dimensions);
      if (next === null) return widths;
      widths.push(next);
    }
  };
  const stages = [1, 2, 3].map((stage) => width(`layer${stage}.0.conv1.weight`, 4));
  if (shapes.has('stem.weight') && stages.every((one) => one !== null)) {
    return { name: shapes.has('layer1.1.conv1.weight') ? 'resnet-14' : 'resnet-8', widths: stages };
  }
  const [convolutions, dense] = [run('conv', 4), run('fc', 2)];
  if (convolutions.length > 0) return { name: 'convnet-s', widths: convolutions };
  return dense.length > 0 ? { name: 'mlp', widths: dense } : null;
}
