/** The portable engine on WebGPU: TensorFlow.js operations and autodiff, with the contract's clip. */
import { openAutodiff } from '../../../engine/tfjs/open-autodiff.ts';
import { fail } from './fused.ts';
import { engineLane } from './engine-lane.ts';
import type { Lane } from './running.ts';

export async function autodiffLane(): Promise<Lane> {
  return engineLane(await openAutodiff({ backend: 'webgpu', onFatal: fail }), null);
}
