/**
 * The segmentation network by stock TensorFlow.js: its operations on its own WebGPU backend, `tf.train.momentum`, pixel cross-entropy. It has no gradient of a
 * dilated convolution, which is a plain one of the same size here, nor of an upsampling by pixels as squares, which is its own bilinear one.
 */
import * as tf from '@tensorflow/tfjs';
import type { Layer } from '../../../model/architecture.ts';
import { headLayers, parameterTable } from '../../../model/build.ts';
import { minimised, type Running } from './running.ts';
import { BATCH, CLASSES, LEARNING_RATE, MOMENTUM, network, SIDE, type Widths } from './task.ts';

type Weights = Record<string, tf.Variable>;

export function stockPixels(widths: Widths, { name, software }: { name: string; software: boolean }): Running {
  const architecture = network(widths, 'pixels');
  const weights: Weights = {};
  for (const { name: tensor, shape, fanIn, bias } of parameterTable(architecture).entries) {
    const own = shape.length === 4 ? [shape[2]!, shape[3]!, shape[1]!, shape[0]!] : shape;
    weights[tensor] = tf.tidy(() => tf.variable(bias ? tf.zeros(own) : tf.randomNormal(own, 0, Math.sqrt(2 / fanIn))));
  }
  const optimizer = tf.train.momentum(LEARNING_RATE, MOMENTUM);
  const x = tf.randomNormal<tf.Rank.R4>([BATCH, SIDE, SIDE, 1]);
  const pixels = BATCH * SIDE * SIDE;
  const labels = tf.tidy(() => tf.oneHot(tf.range(0, pixels, 1, 'int32').mod(tf.scalar(CLASSES, 'int32')), CLASSES));
  const loss = (): tf.Scalar => {
    const maps: tf.Tensor4D[] = [x];
    for (const layer of architecture.extractor) maps.push(layerOf(layer, maps.at(-1)!, weights, []));
    const logits = headLayers(architecture).reduce((y, layer) => layerOf(layer, y, weights, maps), maps.at(-1)!);
    return tf.losses.softmaxCrossEntropy(labels, tf.reshape(logits, [pixels, CLASSES]));
  };
  return {
    steps: (count) => minimised(optimizer, loss, count),
    facts: { parameters: parameterTable(architecture).total, adapter: name, software, note: 'no dilation', bytesPerChain: null },
    close: async () => {
      tf.dispose([x, labels, ...Object.values(weights)]);
      optimizer.dispose();
    },
  };
}

/** `maps`: what the extractor's layers made, by their number. */
function layerOf(layer: Layer, x: tf.Tensor4D, weights: Weights, maps: readonly tf.Tensor4D[]): tf.Tensor4D {
  switch (layer.kind) {
    case 'conv': {
      const bias = weights[`${layer.name}.bias`];
      const plain = tf.conv2d(x, weights[`${layer.name}.weight`] as tf.Tensor4D, layer.stride, 'same');
      const y: tf.Tensor4D = bias ? tf.add(plain, bias) : plain;
      return layer.relu ? tf.relu(y) : y;
    }
    case 'merge': {
      const branches = layer.branches.map(({ from, layers }) => layers.reduce((y, inner) => layerOf(inner, y, weights, maps), from === null ? x : maps[from]!));
      const [first, ...others] = branches;
      const sum = others.reduce<tf.Tensor4D>((total, branch) => tf.add(total, branch), first!);
      return layer.relu ? tf.relu(sum) : sum;
    }
    case 'upsample': return tf.image.resizeBilinear(x, [layer.height, layer.width]);
    default: throw new Error(`The segmentation network of ConvNet-S has no layer of the kind ${layer.kind}.`);
  }
}
