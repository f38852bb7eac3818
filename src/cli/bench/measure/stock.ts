/**
 * Plain stock TensorFlow.js as its tutorials write it: a `tf.layers` model, `tf.train.momentum`, its own WebGPU backend, one
 * model at a time. The batch lies on the GPU already, so it gathers nothing; it neither clips nor knows a prior.
 */
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import { LabError } from '../../../core/errors.ts';
import { adapterName } from '../../../engine/device.ts';
import { type Lane, minimised, type Running } from './running.ts';
import { stockPixels } from './stock-pixels.ts';
import { stockResnet } from './stock-resnet.ts';
import { BATCH, CLASSES, LEARNING_RATE, MOMENTUM, PROJECTION, SIDE, TEMPERATURE } from './task.ts';

export async function stockLane(): Promise<Lane> {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter || !(await tf.setBackend('webgpu'))) throw new LabError('device', 'Stock TensorFlow.js found no WebGPU here.');
  await tf.ready();
  const { name, software } = adapterName(adapter.info);
  return {
    open: async ({ widths, task }): Promise<Running> => {
      if (task === 'pixels') return stockPixels(widths, { name, software });
      if (task === 'resnet-8') return stockResnet(widths, { name, software });
      const model = tf.sequential();
      widths.forEach((filters, i) => model.add(tf.layers.conv2d({
        filters, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu', ...(i === 0 ? { inputShape: [SIDE, SIDE, 1] } : {}),
      })));
      model.add(tf.layers.globalAveragePooling2d({}));
      if (task === 'simclr') model.add(tf.layers.dense({ units: PROJECTION, activation: 'relu' }));
      model.add(tf.layers.dense({ units: task === 'simclr' ? PROJECTION : CLASSES }));
      const optimizer = tf.train.momentum(LEARNING_RATE, MOMENTUM);
      // Views are on the GPU already, two of each image; right is the place of a view's partner, and no view is its own.
      const images = task === 'simclr' ? 2 * BATCH : BATCH;
      const x = tf.randomNormal([images, SIDE, SIDE, 1]);
      const right = Array.from({ length: images }, (_, i) => (task === 'simclr' ? (i + BATCH) % images : i % CLASSES));
      const labels = tf.oneHot(tf.tensor1d(right, 'int32'), task === 'simclr' ? images : CLASSES);
      const own = tf.eye(images).mul(1e9);
      const logitsOf = (outputs: tf.Tensor): tf.Tensor => {
        if (task !== 'simclr') return outputs;
        const u = outputs.mul(outputs.square().sum(1, true).add(1e-8).rsqrt());
        return tf.matMul(u, u, false, true).div(TEMPERATURE).sub(own);
      };
      const loss = (): tf.Scalar => tf.losses.softmaxCrossEntropy(labels, logitsOf(model.apply(x, { training: true }) as tf.Tensor));
      return {
        steps: (count) => minimised(optimizer, loss, count),
        facts: { parameters: model.countParams(), adapter: name, software, note: null, bytesPerChain: null },
        close: async () => tf.dispose([x, labels, own]),
      };
    },
    close: async () => tf.removeBackend('webgpu'),
  };
}
