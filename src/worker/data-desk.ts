/**
 * The visitor's own data in the lab worker: files are examined, shown, corrected and only then settled into a data set with a name. One import is open at a
 * time; a newer one takes its place. A fault, a cancel or a ticket of an import that is over changes nothing.
 */
import { LabError, toFault } from '../core/errors.ts';
import type { Dataset } from '../data/dataset.ts';
import { writeHubAddress } from '../data/hub/address.ts';
import { browserNetwork, type Network } from '../data/hub/ask.ts';
import { findOnHub } from '../data/hub/find.ts';
import type { Choices, Decode, Find, Understanding } from '../data/import/contract.ts';
import { examine } from '../data/import/examine.ts';
import { find } from '../data/import/find.ts';
import { blobGiven } from '../data/import/given.ts';
import { settle } from '../data/import/settle.ts';
import { classCounts, countsByPart } from '../data/splits.ts';
import { renameClasses } from '../data/subset.ts';
import { BUILT_IN } from '../experiment/tasks.ts';
import { DataCache } from '../storage/data-cache.ts';
import type { DataProgress, DatasetSummary, Requests } from './protocol.ts';

/** Least time between two reports of progress, ms. */
const REPORT = 100;

interface Open {
  ticket: number;
  find: Promise<Find>;
  ended: AbortController;
  /** From the Hub so far. */
  received: { bytes: number };
  /** Where it comes from, as kept data tell; null for files. */
  origin: string | null;
}

export class DataDesk {
  readonly #decode: Decode;
  readonly #report: (progress: DataProgress) => void;
  readonly #cache: DataCache;
  readonly #network: Network;
  readonly #datasets = new Map<string, Dataset>();
  #tickets = 0;
  /** When progress was reported last. */
  #told = -Infinity;
  #open: Open | null = null;

  constructor(decode: Decode, report: (progress: DataProgress) => void, cache = new DataCache(), network: Network = browserNetwork) {
    this.#decode = decode;
    this.#report = report;
    this.#cache = cache;
    this.#network = network;
  }

  /** As it is now: later changes do not show in it. */
  datasets(): ReadonlyMap<string, Dataset> {
    return new Map(this.#datasets);
  }

  /** null when something newer took its place or it was cancelled. */
  async examine({ choices, ...from }: Requests['examineData']['in']): Promise<Requests['examineData']['out']> {
    this.cancel();
    const ended = new AbortController();
    const { signal } = ended;
    const received = { bytes: 0 };
    const ticket = ++this.#tickets;
    const looked = 'files' in from
      ? find(from.files.map(({ path, blob }) => blobGiven(path, blob)))
      : findOnHub(from.hub, { network: this.#network, signal, read: (more) => {
        received.bytes += more;
        this.#tell({ ticket, done: 0, total: 0, bytes: received.bytes });
      } });
    const open: Open = { ticket, find: looked, ended, received, origin: 'hub' in from ? writeHubAddress(from.hub.address) : null };
    this.#open = open;
    const understanding = await this.#unlessEnded(open, () => this.#examine(open, choices)).catch((error: unknown) => {
      if (this.#open === open) this.#open = null;
      throw error;
    });
    return understanding && { ticket: open.ticket, understanding };
  }

  /** The same files under other choices. */
  async redraw({ ticket, choices }: Requests['redrawData']['in']): Promise<Requests['redrawData']['out']> {
    const open = this.#ofTicket(ticket);
    return this.#unlessEnded(open, () => this.#examine(open, choices));
  }

  async settle({ ticket, choices, keep = false }: Requests['settleData']['in']): Promise<Requests['settleData']['out']> {
    const open = this.#ofTicket(ticket);
    this.#refuseName(choices.name);
    const settled = await this.#unlessEnded(open, async () => settle(await open.find, choices, {
      decode: this.#decode, signal: open.ended.signal,
      progress: (done, total) => this.#tell({ ticket, done, total, bytes: open.received.bytes }),
    }));
    if (!settled) return null;
    // Another may have been settled under this name meanwhile.
    this.#refuseName(choices.name);
    if (this.#open === open) this.#open = null;
    const { dataset, notes } = settled;
    this.#datasets.set(dataset.name, dataset);
    // That it cannot be kept is no reason not to use it.
    const unkept = keep ? await this.#cache.keep(dataset, open.origin ?? '').then(() => null, toFault) : null;
    return { summary: summaryOf(dataset), notes: unkept ? [...notes, { text: unkept.message, count: 0, examples: [] }] : notes };
  }

  kept(): Promise<Requests['keptData']['out']> {
    return this.#cache.list();
  }

  async useKept({ data }: Requests['useKept']['in']): Promise<DatasetSummary> {
    const there = this.#datasets.get(data);
    if (there) return summaryOf(there);
    this.#refuseName(data);
    const found = await this.#cache.load(data);
    if (!found) throw new LabError('data', `The kept copy of ${data} is gone or damaged; read it again.`);
    this.#datasets.set(data, found.dataset);
    return summaryOf(found.dataset);
  }

  removeKept({ data }: Requests['removeKept']['in']): Promise<void> {
    return this.#cache.remove(data);
  }

  #tell(progress: DataProgress): void {
    if (performance.now() - this.#told < REPORT) return;
    this.#told = performance.now();
    this.#report(progress);
  }

  /** Ends the import that is open; what waits for it is answered with null. */
  cancel(): void {
    this.#open?.ended.abort();
    this.#open = null;
  }

  rename({ data, classNames }: Requests['renameClasses']['in']): DatasetSummary {
    const renamed = renameClasses(this.#held(data, 'only the classes of your own data can be renamed'), classNames);
    this.#datasets.set(data, renamed);
    return summaryOf(renamed);
  }

  forget({ data }: Requests['forgetData']['in']): void {
    this.#held(data, 'only your own data can be taken away');
    this.#datasets.delete(data);
  }

  async #examine({ find, ended }: Open, choices?: Partial<Choices>): Promise<Understanding> {
    return examine(await find, { decode: this.#decode, taken: new Set([...BUILT_IN, ...this.#datasets.keys()]), signal: ended.signal, ...(choices ? { choices } : {}) });
  }

  /** null in place of whatever comes of work that was ended meanwhile. */
  async #unlessEnded<T>({ ended: { signal } }: Open, work: () => Promise<T>): Promise<T | null> {
    try {
      const result = await work();
      return signal.aborted ? null : result;
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }

  #ofTicket(ticket: number): Open {
    if (this.#open?.ticket !== ticket) throw new LabError('data', 'This import is over, or another has taken its place; choose the files again.');
    return this.#open;
  }

  #refuseName(name: string): void {
    if (name.trim() === '') throw new LabError('data', 'The data set needs a name.');
    if (BUILT_IN.includes(name)) throw new LabError('data', `“${name}” is a built-in data set; give yours another name.`);
    if (this.#datasets.has(name)) throw new LabError('data', `There is a data set “${name}” already; give this one another name.`);
  }

  #held(name: string, otherwise: string): Dataset {
    const dataset = this.#datasets.get(name);
    if (!dataset) throw new LabError('data', `There is no added data set “${name}”; ${otherwise}.`);
    return dataset;
  }
}

function summaryOf(dataset: Dataset): DatasetSummary {
  const { name, count, height, width, channels, classNames } = dataset;
  return { name, count, height, width, channels, classNames, counts: classCounts(dataset), mapped: dataset.maps !== undefined, parts: countsByPart(dataset) };
}
