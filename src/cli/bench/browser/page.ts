/** A page that measures: a place of its own in the browser. */
import { browserMakers } from '../../../worker/makers.ts';
import { openEngine } from '../../../worker/open-engine.ts';
import { hostOf } from '../host.ts';

const fail = (sentence: string): never => {
  throw new Error(sentence);
};

window.priorscapeBench = hostOf({
  lanes: {
    fused: async () => (await import('../measure/fused.ts')).fusedLane(),
    stock: async () => (await import('../measure/stock.ts')).stockLane(),
    tfjs: async () => (await import('../measure/autodiff.ts')).autodiffLane(),
    jax: async () => (await import('../measure/jax.ts')).jaxLane(),
    wasm: async () => (await import('../measure/wasm.ts')).wasmLane(),
  },
  engines: {
    auto: async () => (await openEngine({ backend: 'auto', engine: 'auto' }, browserMakers, fail)).engine,
    fused: () => browserMakers.fused(fail),
    wasm: () => browserMakers.processor('wasm'),
  },
});
