/** A network of the lab as a function in jax-js: NCHW, parameters in the table's order and PyTorch's layout. */
import { lax, nn, numpy as np } from '@jax-js/jax';
import type { Architecture, Layer } from '../../../model/architecture.ts';
import { NORM_EPSILON } from '../../../model/architecture.ts';

/** Logits [B, C] for x [B, C, H, W]; arrays are consumed. */
export function jaxLogits({ extractor, head }: Architecture, parameters: readonly np.Array[], x: np.Array): np.Array {
  let at = 0;
  const next = (): np.Array => parameters[at++]!;
  const byChannel = (array: np.Array): np.Array => np.reshape(array, [-1, 1, 1]);
  const through = (layers: readonly Layer[], input: np.Array): np.Array => layers.reduce((y, layer) => {
    switch (layer.kind) {
      case 'conv': {
        const { stride, padding } = layer;
        const convolved = lax.convGeneralDilated(y, next(), [stride, stride], [[padding, padding], [padding, padding]]);
        const whole = layer.bias ? convolved.add(byChannel(next())) : convolved;
        return layer.relu ? nn.relu(whole) : whole;
      }
      case 'group-norm': {
        const { shape } = y;
        const normed = np.reshape(nn.standardize(np.reshape(y, [shape[0]!, layer.groups, -1]), -1, { epsilon: NORM_EPSILON }), shape);
        const scaled = normed.mul(byChannel(next())).add(byChannel(next()));
        return layer.relu ? nn.relu(scaled) : scaled;
      }
      case 'residual': {
        const body = through(layer.body, y.ref);
        return nn.relu(body.add(through(layer.shortcut, y)));
      }
      case 'global-average-pool': return np.mean(y, [2, 3]);
      default: throw new Error(`No layer of a ResNet: ${layer.kind}.`);
    }
  }, input);
  const features = through(extractor, x);
  if (!head) throw new Error('This network has no head.');
  return np.matmul(features, np.transpose(next())).add(next());
}
