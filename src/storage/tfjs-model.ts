/**
 * A network as a TensorFlow.js layers model (`tf.loadLayersModel`): topology and weights manifest in `model.json`, numbers in `weights.bin`. It takes pixels in
 * [0, 1] as [batch, H, W, C] and answers probabilities: the normalisation is its first layer, softmax its last. Convolutions pad explicitly, because 'same' pads
 * stride 2 on one side only. Group norm is no layer of TensorFlow.js, so ResNets cannot leave this way.
 */
import { LabError } from '../core/errors.ts';
import type { Normalisation } from '../data/dataset.ts';
import type { Architecture, Layer, LayerOf } from '../model/architecture.ts';
import { parameterTable } from '../model/build.ts';

export interface TfjsModel {
  /** `model.json`. */
  json: string;
  /** `weights.bin`, which it names. */
  weights: Uint8Array<ArrayBuffer>;
}

interface KerasLayer {
  class_name: string;
  config: { name: string; [key: string]: unknown };
}

interface Weight {
  name: string;
  shape: number[];
  values: Float32Array;
}

/** `theta` [D + H]. Throws LabError('config') for a network with group norm. */
export function tfjsModel(architecture: Architecture, theta: Float32Array, { mean, std }: Normalisation, classNames: readonly string[]): TfjsModel {
  if (architecture.decoder) throw new LabError('config', 'A segmentation network cannot leave as a TensorFlow.js layers model, which has no upsampling like its own; save it as safetensors.');
  const { height, width, channels } = architecture.input;
  const weights: Weight[] = [];
  const tensor = tensorsOf(architecture, theta);
  const last = architecture.head ?? architecture.extractor.at(-1)!;
  const layers: KerasLayer[] = [
    { class_name: 'InputLayer', config: { name: 'pixels', batch_input_shape: [null, height, width, channels], dtype: 'float32', sparse: false } },
    { class_name: 'Rescaling', config: { name: 'normalise', scale: 1 / std, offset: -mean / std } },
  ];
  for (const layer of [...architecture.extractor, ...(architecture.head ? [architecture.head] : [])]) {
    layers.push(...layersOf(layer, layer === last, weights, tensor));
  }
  const bytes = new Uint8Array(weights.reduce((sum, { values }) => sum + values.byteLength, 0));
  let at = 0;
  for (const { values } of weights) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  const json = JSON.stringify({
    format: 'layers-model', generatedBy: 'Priorscape', convertedBy: null, userDefinedMetadata: { classNames },
    modelTopology: { keras_version: 'tfjs-layers 4.22.0', backend: 'tensor_flow.js', model_config: { class_name: 'Sequential', config: { name: architecture.name, layers } } },
    weightsManifest: [{ paths: ['weights.bin'], weights: weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })) }],
  });
  return { json, weights: bytes };
}

type Tensors = (name: string) => { shape: number[]; values: Float32Array };

function tensorsOf(architecture: Architecture, theta: Float32Array): Tensors {
  const entries = new Map(parameterTable(architecture).entries.map((entry) => [entry.name, entry]));
  return (name) => {
    const { shape, offset, size } = entries.get(name)!;
    return { shape, values: theta.slice(offset, offset + size) };
  };
}

function layersOf(layer: Layer, last: boolean, weights: Weight[], tensor: Tensors): KerasLayer[] {
  switch (layer.kind) {
    case 'conv': return convolution(layer, weights, tensor);
    case 'dense': {
      const { name, inputs, outputs } = layer;
      weights.push({ name: `${name}/kernel`, shape: [inputs, outputs], values: moved(tensor(`${name}.weight`).values, [outputs, inputs], [1, 0]) }, bias(name, tensor));
      return [{ class_name: 'Dense', config: { name, units: outputs, activation: last ? 'softmax' : layer.relu ? 'relu' : 'linear', use_bias: true } }];
    }
    case 'global-average-pool': return [{ class_name: 'GlobalAveragePooling2D', config: { name: 'pool', data_format: 'channels_last' } }];
    case 'flatten': return [{ class_name: 'Flatten', config: { name: 'flatten', data_format: 'channels_last' } }];
    case 'group-norm': case 'residual': case 'merge': case 'upsample':
      throw new LabError('config', 'A ResNet cannot leave as a TensorFlow.js layers model, which has no group norm; save it as safetensors, or fine-tune ConvNet-S or an MLP.');
    default: return layer satisfies never;
  }
}

function convolution({ name, inputs, outputs, kernel, stride, padding, relu, bias: biased }: LayerOf<'conv'>, weights: Weight[], tensor: Tensors): KerasLayer[] {
  weights.push({ name: `${name}/kernel`, shape: [kernel, kernel, inputs, outputs], values: moved(tensor(`${name}.weight`).values, [outputs, inputs, kernel, kernel], [2, 3, 1, 0]) });
  if (biased) weights.push(bias(name, tensor));
  return [
    { class_name: 'ZeroPadding2D', config: { name: `${name}_padding`, padding: [[padding, padding], [padding, padding]], data_format: 'channels_last' } },
    { class_name: 'Conv2D', config: { name, filters: outputs, kernel_size: [kernel, kernel], strides: [stride, stride], padding: 'valid', data_format: 'channels_last', activation: relu ? 'relu' : 'linear', use_bias: biased } },
  ];
}

function bias(name: string, tensor: Tensors): Weight {
  return { name: `${name}/bias`, ...tensor(`${name}.bias`) };
}

/** An array of `shape` with its axes in another order: out axis i is axis `order[i]`. */
function moved(values: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((product, length) => product * length, 1));
  const out = new Float32Array(values.length);
  const lengths = order.map((axis) => shape[axis]!);
  const place = lengths.map(() => 0);
  for (let i = 0; i < out.length; i++) {
    out[i] = values[order.reduce((sum, axis, j) => sum + strides[axis]! * place[j]!, 0)]!;
    for (let j = place.length - 1; j >= 0 && ++place[j]! === lengths[j]; j--) place[j] = 0;
  }
  return out;
}
