/** TensorFlow.js's WebGL backend, for a browser with a GPU but without WebGPU; only 32-bit float textures are good enough. */
import { MathBackendWebGL } from '@tensorflow/tfjs-backend-webgl';
import { backend, env, setBackend } from '@tensorflow/tfjs-core';
import { LabError } from '../../core/errors.ts';
import { adapterName } from '../device.ts';

/** Throws LabError('device') where there is no WebGL 2 with 32-bit floats. */
export async function startWebGl(onFatal: (sentence: string) => void): Promise<{ adapter: string | null; software: boolean }> {
  const started = await setBackend('webgl').catch(() => false);
  if (!started) throw new LabError('device', 'WebGL did not start in this browser; choose the wasm backend.');
  if (!env().getBool('WEBGL_RENDER_FLOAT32_CAPABLE')) {
    throw new LabError('device', 'WebGL here computes with 16-bit numbers only, which is too coarse for the lab; choose the wasm backend.');
  }
  const current = backend();
  if (!(current instanceof MathBackendWebGL)) throw new LabError('device', 'WebGL did not start in this browser; choose the wasm backend.');
  const { gl } = current.gpgpu;
  gl.canvas.addEventListener('webglcontextlost', () => onFatal('The GPU was lost (WebGL context lost); run again, or choose the wasm backend.'));
  const debug = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer: unknown = gl.getParameter(debug ? debug.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  const { name, software } = adapterName({ vendor: '', architecture: '', description: String(renderer) });
  return { adapter: name, software };
}
