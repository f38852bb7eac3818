/** Chromium switches that give WebGPU with or without a GPU, and keep a headless browser from talking to anybody. */

/** On every machine. The pages opened are the project's own, so the sandbox, which containers often forbid, may go. */
const COMMON_FLAGS = [
  '--no-sandbox', '--enable-unsafe-webgpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  // A lab in a hidden window is no background tab: it must not be throttled.
  '--disable-renderer-backgrounding', '--disable-background-timer-throttling', '--disable-backgrounding-occluded-windows',
] as const;

/** The software adapter (SwiftShader), for machines without a GPU; WebGL on it has to be asked for too. */
export const GPU_FLAGS = [...COMMON_FLAGS, '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan', '--enable-unsafe-swiftshader'] as const;

/** The machine's own GPU. On Linux a headless Chromium reaches it through Vulkan, without a surface to draw on. */
export function hardwareFlags(platform: NodeJS.Platform): string[] {
  const own = platform === 'linux' ? ['--enable-features=Vulkan', '--use-angle=vulkan', '--disable-vulkan-surface', '--ignore-gpu-blocklist'] : ['--ignore-gpu-blocklist'];
  return [...COMMON_FLAGS, ...own];
}
