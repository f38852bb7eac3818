/** Chromium switches that give WebGPU with or without a GPU, and keep a headless browser from talking to anybody. */

/** `swiftshader`: the software adapter, for machines without a GPU. */
export const GPU_FLAGS = [
  '--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan',
  '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
] as const;
