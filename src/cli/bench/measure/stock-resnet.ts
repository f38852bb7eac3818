/** ResNet-8 as stock TensorFlow.js trains it: `tf.layers` has no group norm, so it is written in operations over variables. */
import * as tf from '@tensorflow/tfjs';
import { initialise } from '../../../model/initialise.ts';
import { minimised, type Running } from './running.ts';
import { stockLogits, stockVariables } from './stock-network.ts';
import { BATCH, CLASSES, LEARNING_RATE, MOMENTUM, network, type Widths } from './task.ts';

export function stockResnet(widths: Widths, adapter: { name: string | null; software: boolean }): Running {
  const architecture = network(widths, 'resnet-8');
  const { height, width, channels } = architecture.input;
  const variables = stockVariables(architecture, initialise(architecture, 1));
  const optimizer = tf.train.momentum(LEARNING_RATE, MOMENTUM);
  const x = tf.randomNormal<tf.Rank.R4>([BATCH, height, width, channels]);
  const labels = tf.oneHot(tf.range(0, BATCH, 1, 'int32').mod(tf.scalar(CLASSES, 'int32')), CLASSES);
  const loss = (): tf.Scalar => tf.losses.softmaxCrossEntropy(labels, stockLogits(architecture, variables, x));
  return {
    steps: (count) => minimised(optimizer, loss, count),
    facts: { parameters: variables.reduce((sum, { size }) => sum + size, 0), adapter: adapter.name, software: adapter.software, note: null, bytesPerChain: null },
    close: async () => tf.dispose([x, labels, ...variables]),
  };
}
