/**
 * The surface panel's effects: what a visitor chooses there goes to the worker (a cut to measure, a prior's rank, paths,
 * a network to look at), answers come back into the store. A newer wish replaces the one under way.
 */
import type { Trail } from '../experiment/result.ts';
import type { LabClient } from '../worker/client.ts';
import { asked, isHere, type LabStore, NOT_HERE, sentenceOf, type SurfaceState } from './store.ts';
import { OPENING_CHOICE, type SurfaceChoice } from './surface/view.ts';

/** True when what was asked for is there. */
type Job = () => Promise<boolean>;

export class SurfaceDesk {
  readonly #store: LabStore;
  readonly #client: () => LabClient | null;
  /** Draws the events that came before an answer: what is asked next is asked about what they show. */
  readonly #catchUp: () => void;
  /** Counts pieces of work, so that the answer of an old one changes nothing. */
  #works = 0;
  /** Counts wishes, so that what an older one had still to do is left. */
  #wishes = 0;
  #asking: number | null = null;

  constructor(store: LabStore, client: () => LabClient | null, catchUp: () => void) {
    this.#store = store;
    this.#client = client;
    this.#catchUp = catchUp;
  }

  /** Called with what changed; asks the worker for what that needs. */
  choose(change: Partial<SurfaceChoice>): void {
    const before = this.#state().choice;
    const choice = { ...before, ...change };
    this.#set({ choice });
    if (this.#store.getState().phase !== 'idle') return;
    const other = (keys: readonly (keyof SurfaceChoice)[]) => keys.some((key) => JSON.stringify(before[key]) !== JSON.stringify(choice[key]));
    const jobs: Job[] = [];
    if (other(['plane', 'seed', 'resolution'])) jobs.push(this.#cut, this.#followPaths, this.#drawSamples);
    // A cut under way follows them at its end.
    else if (other(['trails', 'samples']) && this.#state().busy !== 'plane') jobs.push(this.#followPaths, this.#drawSamples);
    if (other(['line'])) jobs.push(this.#cutLine);
    if (jobs.length > 0 && this.#isHere()) void this.#inTurn(jobs);
    if (other(['setting'])) void this.#truncate();
  }

  /** A run begins: what is shown besides its pictures belongs to the one before. */
  beforeRun(): void {
    this.#wishes++;
    this.#set({ fault: null, picked: null, inspection: null, trails: null, samples: null, unfinished: null });
  }

  /** What is shown was not computed here, so there is nothing that a cut could go through. */
  withoutPoints(): void {
    this.#set({ points: [] });
  }

  /** A run has ended: what the visitor had chosen is measured on its outcome. */
  async afterRun(): Promise<void> {
    const client = this.#client();
    // A run that was cancelled at once leaves what was shown before.
    if (!client || !this.#store.getState().picture.result || !isHere(this.#store.getState())) return;
    try {
      this.#set({ points: await client.request('cutPoints', {}) });
    } catch {
      // A worker that died has been reported already.
      return;
    }
    const { choice } = this.#state();
    const elsewhere = (['plane', 'seed', 'resolution'] as const).some((key) => choice[key] !== OPENING_CHOICE[key]);
    await this.#inTurn([this.#truncate, ...(elsewhere ? [this.#cut] : []), this.#followPaths, this.#drawSamples, this.#cutLine]);
  }

  /** The plane that is chosen, once more: its measuring was stopped. */
  again(): void {
    if (this.#isHere()) void this.#inTurn([this.#cut, this.#followPaths, this.#drawSamples]);
  }

  /** False, with a sentence, where the worker does not hold what is shown. */
  #isHere(): boolean {
    const here = isHere(this.#store.getState());
    if (!here) this.#set({ fault: NOT_HERE });
    return here;
  }

  /** One after another, each once the one before is fulfilled; a newer wish leaves the rest undone. */
  async #inTurn(jobs: readonly Job[]): Promise<void> {
    const own = ++this.#wishes;
    for (const job of jobs) if (own !== this.#wishes || !(await job())) return;
  }

  /** Measures the plane that is chosen. */
  readonly #cut: Job = async () => {
    const { picture } = this.#store.getState();
    const opening = picture.result?.surface.plane ?? null;
    const { choice: { plane, seed, resolution } } = this.#state();
    const spec = plane ?? opening?.spec;
    if (!spec || !picture.result) return false;
    const wanted = { spec, seed: seed ?? opening?.seed ?? picture.result.downstream.seeds[0]!, resolution: resolution ?? opening?.a.length ?? picture.result.config['surface.resolution'] };
    const before = picture.plane;
    this.#set({ picked: null, inspection: null, trails: null, samples: null, unfinished: null });
    const done = await this.#work('plane', (client) => client.request('measurePlane', wanted));
    const { picture: { plane: shown }, phase } = this.#store.getState();
    if (!done && shown && shown !== before && phase === 'idle') this.#set({ unfinished: shown.key });
    return done && this.#truncate();
  };

  /** The line that was asked for, if any. */
  readonly #cutLine: Job = async () => {
    const { line } = this.#state().choice;
    if (!line) return true;
    return await this.#work('lines', (client) => client.request('measureLines', { spec: line })) && this.#truncate();
  };

  /** The paths on the map shown, where they are wanted. */
  readonly #followPaths: Job = async () => {
    const key = this.#store.getState().picture.plane?.key;
    if (!this.#state().choice.trails || key === undefined || this.#state().trails?.key === key) return true;
    return this.#projected(key, 'trails', (client) => client.request('trails', { key }));
  };

  /** Samples of the posterior on the map shown, where they are wanted, by the method that the settings name. */
  readonly #drawSamples: Job = async () => {
    const key = this.#store.getState().picture.plane?.key;
    if (!this.#state().choice.samples) {
      this.#set({ samples: null });
      return true;
    }
    if (key === undefined || this.#state().samples?.key === key) return true;
    return this.#projected(key, 'samples', (client) => client.request('samples', { key, config: asked(this.#store.getState()) }));
  };

  async #projected(key: string, which: 'trails' | 'samples', ask: (client: LabClient) => Promise<Trail[] | null>): Promise<boolean> {
    let found: Trail[] | null = null;
    const done = await this.#work('paths', async (client) => {
      found = await ask(client);
      return { done: found !== null };
    });
    if (found) this.#set({ [which]: { key, trails: found } });
    return done;
  }

  /** Ends what is being measured; what is there stays. */
  stop(): void {
    this.#wishes++;
    this.#client()?.request('stopCut', {}).catch(() => undefined);
  }

  /** The network at a point of the map shown. */
  async inspect(place: { a: number; b: number } | null): Promise<void> {
    const key = this.#store.getState().picture.plane?.key;
    const client = this.#client();
    if (place && (key === undefined || !client || this.#store.getState().phase !== 'idle' || !this.#isHere())) return;
    this.#set({ picked: place, ...(place === null ? { inspection: null } : {}) });
    if (!place || key === undefined || !client) return;
    try {
      const inspection = await client.request('inspect', { key, ...place });
      if (this.#state().picked === place) this.#set({ inspection, fault: null });
    } catch (error) {
      if (this.#state().picked === place) this.#set({ picked: null, fault: sentenceOf(error) });
    }
  }

  /** The low-rank prior at the rank chosen joins the priors of map and lines, once. */
  readonly #truncate: Job = async () => {
    const client = this.#client();
    const { rank } = this.#state().choice.setting;
    const { plane, lines } = this.#store.getState().picture;
    const lacks = (priors: readonly { family: string; rank: number }[]) => priors.some(({ family }) => family === 'low-rank') && !priors.some((prior) => prior.family === 'low-rank' && prior.rank === rank);
    if (!client || rank === null || this.#asking === rank || this.#store.getState().phase !== 'idle' || !((plane && lacks(plane.priors)) || lines.some((line) => lacks(line.priors)))) return true;
    if (!this.#isHere()) return false;
    this.#asking = rank;
    try {
      const found = await client.request('truncatePrior', { key: plane?.key ?? null, rank });
      this.#catchUp();
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
    // The slider, the map or the lines may have moved on meanwhile.
    const now = this.#store.getState().picture;
    const moved = this.#state().choice.setting.rank !== rank || now.plane?.key !== plane?.key || now.lines.length !== lines.length;
    return moved ? this.#truncate() : true;
  };

  async #work(busy: NonNullable<SurfaceState['busy']>, job: (client: LabClient) => Promise<{ done: boolean }>): Promise<boolean> {
    const client = this.#client();
    if (!client || this.#store.getState().phase !== 'idle') return false;
    const own = ++this.#works;
    this.#set({ busy, fault: null });
    this.#forgetProgress();
    let done = false;
    let fault: string | null = null;
    try {
      ({ done } = await job(client));
    } catch (error) {
      fault = sentenceOf(error);
    }
    this.#catchUp();
    if (own !== this.#works) return false;
    this.#set({ busy: null, fault });
    this.#forgetProgress();
    return done;
  }

  #forgetProgress(): void {
    this.#store.setState(({ picture }) => ({ picture: { ...picture, cutting: null } }));
  }

  #state(): SurfaceState {
    return this.#store.getState().surface;
  }

  #set(change: Partial<SurfaceState>): void {
    this.#store.setState(({ surface }) => ({ surface: { ...surface, ...change } }));
  }
}
