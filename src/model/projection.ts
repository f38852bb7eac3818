/**
 * The network that self-supervised source training learns: the classifier's extractor, so that w [D] is the very vector its posterior is over, and a
 * projection head of one hidden layer (Chen et al. 2020, "A Simple Framework for Contrastive Learning of Visual Representations", section 4.2) as h.
 */
import { LabError } from '../core/errors.ts';
import type { Architecture } from './architecture.ts';

/** `width`: units of the hidden layer and of the projection. Throws LabError('config') for a network without a head of its own. */
export function projectionOf(architecture: Architecture, width: number): Architecture {
  const { head, name } = architecture;
  if (!head) throw new LabError('config', `A network of the kind “${name}” has no features for a projection head to read; choose another network.`);
  const dense = { kind: 'dense' as const, outputs: width };
  return { ...architecture, classes: width, hidden: { ...dense, name: 'projection.0', inputs: head.inputs, relu: true }, head: { ...dense, name: 'projection.2', inputs: width, relu: false } };
}
