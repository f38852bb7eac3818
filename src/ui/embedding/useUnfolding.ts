/** UMAP maps of the embedding shown, as the worker makes them when asked; those of an earlier embedding are forgotten. */
import { useState } from 'react';
import type { Embedding, Encoder } from '../../experiment/embedding/embedding-result.ts';
import { useLab } from '../context.ts';
import { sentenceOf } from '../store.ts';

export type Unfolding = { at: 'rest' } | { at: 'work' } | { at: 'done'; points: Float32Array } | { at: 'fault'; sentence: string };

export function useUnfolding(embedding: Embedding, encoder: Encoder): { unfolding: Unfolding; start(): void; stop(): void } {
  const lab = useLab();
  const [held, setHeld] = useState<{ of: Embedding; maps: Partial<Record<Encoder, Unfolding>> }>({ of: embedding, maps: {} });
  const put = (value: Unfolding) => setHeld((before) => ({ of: embedding, maps: { ...(before.of === embedding ? before.maps : {}), [encoder]: value } }));
  const start = async () => {
    put({ at: 'work' });
    try {
      const points = await lab.looking.unfold(encoder);
      put(points ? { at: 'done', points } : { at: 'rest' });
    } catch (error) {
      put({ at: 'fault', sentence: sentenceOf(error) });
    }
  };
  return {
    unfolding: (held.of === embedding ? held.maps[encoder] : undefined) ?? { at: 'rest' },
    start: () => void start(),
    // A worker that died has been reported already.
    stop: () => void lab.looking.stopUnfolding().catch(() => undefined),
  };
}
