/** Time of one command on the device: many of them in one submission, less what an empty submission takes. */
import { type Dispatch, encode } from '../../../engine/fused/program.ts';
import { stepsFor, type Summary, summarise } from '../figures.ts';
import { timed } from './running.ts';

const SAMPLES = 5;

/** Milliseconds of one command; `encodeSome` encodes `count` of them. A sample lasts about `ms`. */
export async function timeSubmissions(gpu: GPUDevice, encodeSome: (encoder: GPUCommandEncoder, count: number) => void, ms: number): Promise<Summary> {
  const submit = (count: number): Promise<number> => timed(async () => {
    const encoder = gpu.createCommandEncoder();
    if (count > 0) encodeSome(encoder, count);
    gpu.queue.submit([encoder.finish()]);
    await gpu.queue.onSubmittedWorkDone();
  });
  await submit(1); // compiles
  const empty = Math.min(await submit(0), await submit(0), await submit(0));
  // Doubled until it can be told from the empty submission, so that a fast GPU gets thousands.
  let count = 1;
  let one = await submit(1) - empty;
  while (one * count < ms / 4 && count < 16384) {
    count *= 4;
    one = Math.max(0, await submit(count) - empty) / count;
  }
  count = stepsFor(ms, one, 65536);
  const samples: number[] = [];
  for (let i = 0; i < SAMPLES; i++) samples.push(Math.max(1e-6, await submit(count) - empty) / count);
  return summarise(samples);
}

/** Milliseconds of one dispatch; its step's offset is the first. */
export function timeDispatch(gpu: GPUDevice, dispatch: Dispatch, ms: number): Promise<Summary> {
  return timeSubmissions(gpu, (encoder, count) => {
    const pass = encoder.beginComputePass();
    for (let i = 0; i < count; i++) encode(pass, [dispatch], [0]);
    pass.end();
  }, ms);
}
