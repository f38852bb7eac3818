/**
 * jax-js on WebGPU: the whole training step, momentum included, in one `jit`; with several chains the step under `vmap`
 * inside the `jit`. The batch lies on the GPU already; it neither clips nor knows a prior. Arrays are owned: a use
 * consumes its array unless it is taken by `.ref`.
 */
import { blockUntilReady, defaultDevice, init, jit, lax, nn, numpy as np, random, tree, valueAndGrad, vmap } from '@jax-js/jax';
import { LabError } from '../../../core/errors.ts';
import { adapterName } from '../../../engine/device.ts';
import { parameterTable } from '../../../model/build.ts';
import { initialise } from '../../../model/initialise.ts';
import type { Contestant } from '../plan.ts';
import { type Lane, type Running } from './running.ts';
import { jaxLogits } from './jax-network.ts';
import { BATCH, CLASSES, LEARNING_RATE, MOMENTUM, network } from './task.ts';

/** Weights OIHW and biases, conv by conv, then the head [inputs, classes]. */
type Parameters = np.Array[];

export async function jaxLane(): Promise<Lane> {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter || !(await init('webgpu')).includes('webgpu')) throw new LabError('device', 'jax-js found no WebGPU here.');
  defaultDevice('webgpu');
  const { name, software } = adapterName(adapter.info);
  return {
    open: async (contestant): Promise<Running> => {
      const { chains, widths, task } = contestant;
      const architecture = network(widths, task);
      const { height, width, channels } = architecture.input;
      const step = stepOf(contestant);
      let parameters = start(contestant);
      let velocity: Parameters = parameters.map((p) => np.zeros(p.shape));
      const x = random.normal(random.key(2), [BATCH, channels, height, width]);
      const labels = nn.oneHot(np.array(Array.from({ length: BATCH }, (_, i) => i % CLASSES), { dtype: np.int32 }), CLASSES);
      const steps = async (count: number): Promise<void> => {
        for (let i = 0; i < count; i++) {
          const [value, next, v] = step(parameters, velocity, x.ref, labels.ref) as [np.Array, Parameters, Parameters];
          [parameters, velocity] = [next, v];
          if (i === count - 1) await blockUntilReady([value, ...parameters]);
          value.dispose();
        }
      };
      return {
        steps,
        facts: { parameters: parameterTable(architecture).total, adapter: name, software, bytesPerChain: null, note: chains === 1 ? 'jit' : 'vmap inside jit' },
        close: async () => tree.dispose([parameters, velocity, x, labels]),
      };
    },
    close: async () => undefined,
  };
}

function stepOf({ chains, task, widths }: Contestant) {
  const plain = (parameters: Parameters, x: np.Array, labels: np.Array): np.Array => {
    let y = x;
    for (let i = 0; i < parameters.length - 2; i += 2) {
      const convolved = lax.convGeneralDilated(y, parameters[i]!, [2, 2], [[1, 1], [1, 1]]);
      y = nn.relu(convolved.add(np.reshape(parameters[i + 1]!, [-1, 1, 1])));
    }
    const logits = np.matmul(np.mean(y, [2, 3]), parameters.at(-2)!).add(parameters.at(-1)!);
    return np.mean(np.sum(nn.logSoftmax(logits).mul(labels), -1)).mul(-1);
  };
  const architecture = network(widths, task);
  const loss = task === undefined ? plain : (parameters: Parameters, x: np.Array, labels: np.Array): np.Array => np.mean(np.sum(nn.logSoftmax(jaxLogits(architecture, parameters, x)).mul(labels), -1)).mul(-1);
  const step = (parameters: Parameters, velocity: Parameters, x: np.Array, labels: np.Array): [np.Array, Parameters, Parameters] => {
    const [value, gradient] = valueAndGrad(loss)(tree.ref(parameters), x, labels);
    const v = velocity.map((old, i) => old.mul(MOMENTUM).sub((gradient as Parameters)[i]!.mul(LEARNING_RATE)));
    return [value, parameters.map((p, i) => p.add(v[i]!.ref)), v];
  };
  return jit(chains === 1 ? step : vmap(step, [0, 0, null, null]));
}

function start({ chains, task, widths }: Contestant): Parameters {
  if (task === 'resnet-8') {
    const architecture = network(widths, task);
    const theta = initialise(architecture, 1);
    return parameterTable(architecture).entries.map(({ shape, offset, size }) => {
      const one = np.reshape(np.array(theta.slice(offset, offset + size)), shape);
      return chains === 1 ? one : np.zeros([chains, ...shape]).add(one);
    });
  }
  const shapes = widths.flatMap((outputs, i) => [[outputs, widths[i - 1] ?? 1, 3, 3], [outputs]]);
  return [...shapes, [widths[2], CLASSES], [CLASSES]].map((shape, i) => {
    const whole = chains === 1 ? shape : [chains, ...shape];
    return i % 2 === 1 ? np.zeros(whole) : random.normal(random.key(i), whole).mul(0.1);
  });
}
