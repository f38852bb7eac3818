/** A network of the lab in plain TensorFlow.js operations, as one would write it without layers: NHWC, HWIO kernels, padding as in PyTorch. */
import * as tf from '@tensorflow/tfjs-core';
import type { Architecture, Layer } from '../../../model/architecture.ts';
import { NORM_EPSILON } from '../../../model/architecture.ts';
import { parameterTable } from '../../../model/build.ts';

/** A variable a parameter, in the table's order: kernels [h, w, in, out], dense weights [in, out]; values from theta [D + H]. */
export function stockVariables(architecture: Architecture, theta: Float32Array): tf.Variable[] {
  return parameterTable(architecture).entries.map(({ shape, offset, size }) => tf.tidy(() => {
    const laid = tf.tensor(theta.slice(offset, offset + size), shape);
    return tf.variable(shape.length === 4 ? tf.transpose(laid, [2, 3, 1, 0]) : shape.length === 2 ? tf.transpose(laid) : laid);
  }));
}

/** Logits [B, C] for x [B, H, W, C]. */
export function stockLogits({ extractor, head }: Architecture, variables: readonly tf.Variable[], x: tf.Tensor4D): tf.Tensor2D {
  let at = 0;
  const next = (): tf.Tensor => variables[at++]!;
  const through = (layers: readonly Layer[], input: tf.Tensor): tf.Tensor => layers.reduce((y, layer) => {
    switch (layer.kind) {
      case 'conv': {
        const convolved = tf.conv2d(y as tf.Tensor4D, next() as tf.Tensor4D, layer.stride, layer.padding);
        const whole = layer.bias ? tf.add(convolved, next()) : convolved;
        return layer.relu ? tf.relu(whole) : whole;
      }
      case 'group-norm': {
        const [batch, height, width, channels] = y.shape as [number, number, number, number];
        const grouped = tf.reshape(y, [batch, height * width, layer.groups, channels / layer.groups]);
        const { mean, variance } = tf.moments(grouped, [1, 3], true);
        const normed = tf.reshape(tf.mul(tf.sub(grouped, mean), tf.rsqrt(tf.add(variance, NORM_EPSILON))), y.shape);
        const scaled = tf.add(tf.mul(normed, next()), next());
        return layer.relu ? tf.relu(scaled) : scaled;
      }
      case 'residual': {
        const body = through(layer.body, y);
        return tf.relu(tf.add(body, through(layer.shortcut, y)));
      }
      case 'global-average-pool': return tf.mean(y, [1, 2]);
      default: throw new Error(`No layer of a ResNet: ${layer.kind}.`);
    }
  }, input);
  const features = through(extractor, x);
  if (!head) throw new Error('This network has no head.');
  return tf.add(tf.matMul(features as tf.Tensor2D, next() as tf.Tensor2D), next());
}
