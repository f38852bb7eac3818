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
import { BATCH, CLASSES, LEARNING_RATE, MOMENTUM, SIDE } from './task.ts';

export async function stockLane(): Promise<Lane> {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter || !(await tf.setBackend('webgpu'))) throw new LabError('device', 'Stock TensorFlow.js found no WebGPU here.');
  await tf.ready();
  const { name, software } = adapterName(adapter.info);
  return {
    open: async ({ widths, task }): Promise<Running> => {
      if (task === 'pixels') return stockPixels(widths, { name, software });
      const model = tf.sequential();
      widths.forEach((filters, i) => model.add(tf.layers.conv2d({
        filters, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu', ...(i === 0 ? { inputShape: [SIDE, SIDE, 1] } : {}),
      })));
      model.add(tf.layers.globalAveragePooling2d({}));
      model.add(tf.layers.dense({ units: CLASSES }));
      const optimizer = tf.train.momentum(LEARNING_RATE, MOMENTUM);
      const x = tf.randomNormal([BATCH, SIDE, SIDE, 1]);
      const labels = tf.oneHot(tf.range(0, BATCH, 1, 'int32').mod(tf.scalar(CLASSES, 'int32')), CLASSES);
      const loss = (): tf.Scalar => tf.losses.softmaxCrossEntropy(labels, model.apply(x, { training: true }) as tf.Tensor);
      return {
        steps: (count) => minimised(optimizer, loss, count),
        facts: { parameters: model.countParams(), adapter: name, software, note: null, bytesPerChain: null },
        close: async () => tf.dispose([x, labels]),
      };
    },
    close: async () => tf.removeBackend('webgpu'),
  };
}
