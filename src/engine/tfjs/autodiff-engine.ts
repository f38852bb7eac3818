/** The engine by TensorFlow.js operations and its automatic differentiation, on any backend with gradients of conv2d. */
import type { Dataset, Normalisation } from '../../data/dataset.ts';
import type { Architecture } from '../../model/architecture.ts';
import type { DataRef, Engine, EngineInfo, Evaluation, Points, Population, PopulationSpec } from '../contract.ts';

export class AutodiffEngine implements Engine {
  readonly info: EngineInfo;

  constructor(info: EngineInfo) {
    this.info = info;
  }

  async load(_dataset: Dataset, _normalisation: Normalisation): Promise<DataRef> {
    throw new Error('not there yet');
  }

  async unload(_data: DataRef): Promise<void> {}

  async populate(_spec: PopulationSpec): Promise<Population> {
    throw new Error('not there yet');
  }

  async evaluate(_request: { architecture: Architecture; data: DataRef; indices: Uint32Array; points: Points; logits: boolean }): Promise<Evaluation> {
    throw new Error('not there yet');
  }

  async dispose(): Promise<void> {}
}
