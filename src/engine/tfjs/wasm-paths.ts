/**
 * Where the browser finds the WebAssembly binaries: assets of the build, so that they work from any sub-path, in a
 * worker and offline. Threads are off (the lab spreads chains over workers instead), so the threaded binary is never
 * fetched; TensorFlow.js only insists that the name has an address, and gets the plain one's.
 */
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';

const absolute = (url: string): string => new URL(url, import.meta.url).href;

export const WASM_PATHS = {
  'tfjs-backend-wasm.wasm': absolute(plain),
  'tfjs-backend-wasm-simd.wasm': absolute(simd),
  'tfjs-backend-wasm-threaded-simd.wasm': absolute(simd),
};
