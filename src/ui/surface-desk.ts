/**
 * The surface panel's effects: what a visitor chooses there goes to the worker (a cut to measure, a prior's rank, paths,
 * a network to look at), answers come back into the store. A newer wish replaces the one under way.
 */
import type { LabClient } from '../worker/client.ts';
import { type LabStore, sentenceOf, type SurfaceState } from './store.ts';
import { OPENING_CHOICE, type SurfaceChoice } from './surface/view.ts';

export class SurfaceDesk {
  readonly #store: LabStore;
  readonly #client: () => LabClient | null;
  /** Counts cuts, so that the answer of an old one changes nothing. */
  #cuts = 0;
  #asking: number | null = null;

  constructor(store: LabStore, client: () => LabClient | null) {
    this.#store = store;
    this.#client = client;
  }

  /** Called with what changed; asks the worker for what that needs. */
  choose(change: Partial<SurfaceChoice>): void {
    const before = this.#state().choice;
    const choice = { ...before, ...change };
    this.#set({ choice });
    if (this.#store.getState().phase !== 'idle') return;
    const other = (keys: readonly (keyof SurfaceChoice)[]) => keys.some((key) => JSON.stringify(before[key]) !== JSON.stringify(choice[key]));
    if (other(['plane', 'seed', 'resolution'])) void this.cut();
    else if (other(['trails']) && choice.trails) void this.followPaths();
    if (other(['line']) && choice.line) void this.cutLine();
    if (other(['setting'])) void this.truncate();
  }

  /** A run has ended: what the visitor had chosen is measured on its outcome. */
  async afterRun(): Promise<void> {
    const client = this.#client();
    if (!client || !this.#store.getState().picture.result) return;
    this.#set({ fault: null, inspection: null, trails: null });
    try {
      this.#set({ points: await client.request('cutPoints', {}) });
    } catch {
      // A worker that died has been reported already.
      return;
    }
    const { choice } = this.#state();
    if ((['plane', 'seed', 'resolution'] as const).some((key) => choice[key] !== OPENING_CHOICE[key])) await this.cut();
    else if (choice.trails) await this.followPaths();
    if (choice.line) await this.cutLine();
    await this.truncate();
  }

  /** Measures the plane that is chosen. */
  async cut(): Promise<void> {
    const { picture } = this.#store.getState();
    const opening = picture.result?.surface.plane ?? null;
    const { choice: { plane, seed, resolution } } = this.#state();
    const spec = plane ?? opening?.spec;
    if (!spec || !picture.result) return;
    const wanted = { spec, seed: seed ?? opening?.seed ?? picture.result.downstream.seeds[0]!, resolution: resolution ?? opening?.a.length ?? picture.result.config['surface.resolution'] };
    this.#set({ inspection: null, trails: null });
    const done = await this.#work('plane', (client) => client.request('measurePlane', wanted));
    if (!done) return;
    await this.truncate();
    if (this.#state().choice.trails) await this.followPaths();
  }

  async cutLine(): Promise<void> {
    const { line } = this.#state().choice;
    if (line && await this.#work('lines', (client) => client.request('measureLines', { spec: line }))) await this.truncate();
  }

  async followPaths(): Promise<void> {
    const key = this.#store.getState().picture.plane?.key;
    if (key === undefined || this.#state().trails?.key === key) return;
    let found: SurfaceState['trails'] = null;
    await this.#work('paths', async (client) => {
      const trails = await client.request('trails', { key });
      if (trails) found = { key, trails };
      return { done: trails !== null };
    });
    if (found) this.#set({ trails: found });
  }

  /** Ends what is being measured; what is there stays. */
  stop(): void {
    this.#client()?.request('stopCut', {}).catch(() => undefined);
  }

  /** The network at a point of the map shown. */
  async inspect(place: { a: number; b: number } | null): Promise<void> {
    const key = this.#store.getState().picture.plane?.key;
    const client = this.#client();
    this.#set({ picked: place, ...(place === null ? { inspection: null } : {}) });
    if (!place || key === undefined || !client || this.#store.getState().phase !== 'idle') return;
    try {
      const inspection = await client.request('inspect', { key, ...place });
      if (this.#state().picked === place) this.#set({ inspection, fault: null });
    } catch (error) {
      if (this.#state().picked === place) this.#set({ fault: sentenceOf(error) });
    }
  }

  /** The low-rank prior at the rank chosen joins the priors of map and lines, once. */
  async truncate(): Promise<void> {
    const client = this.#client();
    const { rank } = this.#state().choice.setting;
    const { plane, lines } = this.#store.getState().picture;
    const lacks = (priors: readonly { family: string; rank: number }[]) => priors.some(({ family }) => family === 'low-rank') && !priors.some((prior) => prior.family === 'low-rank' && prior.rank === rank);
    if (!client || rank === null || this.#asking === rank || !((plane && lacks(plane.priors)) || lines.some((line) => lacks(line.priors)))) return;
    this.#asking = rank;
    try {
      const found = await client.request('truncatePrior', { key: plane?.key ?? null, rank });
      this.#store.setState(({ picture }) => {
        const joins = picture.plane && found.plane && picture.plane.key === plane?.key && lacks(picture.plane.priors);
        const grown = joins ? { ...picture.plane!, priors: [...picture.plane!.priors, ...found.plane!] } : picture.plane;
        return { picture: { ...picture, plane: grown, lines: picture.lines.map((line, i) => (lacks(line.priors) ? { ...line, priors: [...line.priors, ...found.lines[i] ?? []] } : line)) } };
      });
    } catch (error) {
      this.#set({ fault: sentenceOf(error) });
    } finally {
      this.#asking = null;
    }
    // The slider may have moved on meanwhile.
    if (this.#state().choice.setting.rank !== rank) await this.truncate();
  }

  async #work(busy: NonNullable<SurfaceState['busy']>, job: (client: LabClient) => Promise<{ done: boolean }>): Promise<boolean> {
    const client = this.#client();
    if (!client || this.#store.getState().phase !== 'idle') return false;
    const own = ++this.#cuts;
    this.#set({ busy, fault: null });
    let done = false;
    let fault: string | null = null;
    try {
      ({ done } = await job(client));
    } catch (error) {
      fault = sentenceOf(error);
    }
    if (own !== this.#cuts) return false;
    this.#set({ busy: null, fault });
    this.#store.setState(({ picture }) => ({ picture: { ...picture, cutting: null } }));
    return done;
  }

  #state(): SurfaceState {
    return this.#store.getState().surface;
  }

  #set(change: Partial<SurfaceState>): void {
    this.#store.setState(({ surface }) => ({ surface: { ...surface, ...change } }));
  }
}
