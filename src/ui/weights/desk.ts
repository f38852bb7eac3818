/** Weights to start source training from, on their way in: chosen, read by the worker, held against the network, used. A fault changes nothing that is there. */
import type { LabClient } from '../../worker/client.ts';
import type { Attachments } from '../attachments.ts';
import { type ChoosingWeights, type LabState, type LabStore, sentenceOf } from '../store.ts';

const NOTHING: ChoosingWeights = { file: null, busy: false, fault: null, listing: null };

export class WeightsDesk {
  readonly #store: LabStore;
  readonly #attachments: Attachments;
  readonly #client: () => LabClient | null;

  constructor(store: LabStore, attachments: Attachments, client: () => LabClient | null) {
    this.#store = store;
    this.#attachments = attachments;
    this.#client = client;
  }

  /** Opens the dialog; what is used stays until something else is. */
  open(): void {
    this.#set({ choosingWeights: NOTHING });
  }

  close(): void {
    this.#set({ choosingWeights: null });
  }

  async read(file: File): Promise<void> {
    const client = this.#client();
    if (!client) return;
    const asked: ChoosingWeights = { ...NOTHING, file, busy: true };
    this.#set({ choosingWeights: asked });
    const answer = await client.request('readWeights', { blob: file, name: file.name })
      .then((listing): ChoosingWeights => ({ file, busy: false, fault: null, listing }))
      .catch((error: unknown): ChoosingWeights => ({ ...NOTHING, fault: sentenceOf(error) }));
    // Closed, or another file chosen since.
    if (this.#store.getState().choosingWeights === asked) this.#set({ choosingWeights: answer });
  }

  async use(): Promise<void> {
    const chosen = this.#store.getState().choosingWeights;
    if (!chosen?.listing) return;
    try {
      await this.#client()?.request('useWeights', {});
      this.#attachments.weights = chosen.file;
      this.#set({ weights: chosen.listing, choosingWeights: null });
    } catch (error) {
      this.#set({ choosingWeights: { ...chosen, fault: sentenceOf(error) } });
    }
  }

  /** Source training starts from an initialisation again. Rejects with a sentence. */
  async forget(): Promise<void> {
    await this.#client()?.request('forgetWeights', {});
    this.#attachments.weights = null;
    this.#set({ weights: null });
  }

  #set(change: Partial<LabState>): void {
    this.#store.setState(change);
  }
}
