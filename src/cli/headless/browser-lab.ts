/**
 * The headless lab as the command line holds it: a server, a browser and a page, opened and closed as one. A browser
 * that dies refuses every call with one sentence instead of leaving it open.
 */
import type { Browser, Page } from 'playwright-core';
import { fromFault, LabError } from '../../core/errors.ts';
import { type GpuChoice, launch } from '../browser.ts';
import type { Answer, Call, HeadlessLab, Heard } from './port.ts';
import { type Served, serveHeadless } from './serve.ts';

export interface BrowserLabOptions {
  root: string;
  gpu: GpuChoice;
  /** Address path → local path. */
  files: ReadonlyMap<string, string>;
  hears(event: Heard): void;
}

export class BrowserLab {
  readonly #served: Served;
  readonly #browser: Browser;
  readonly #page: Page;
  readonly #died: Promise<never>;

  private constructor(served: Served, browser: Browser, page: Page) {
    this.#served = served;
    this.#browser = browser;
    this.#page = page;
    this.#died = new Promise((_, reject) => {
      const die = () => reject(new LabError('device', 'The browser stopped in the middle of the run, perhaps for lack of memory; run again, with fewer seeds or a smaller network if it happens again.'));
      page.once('crash', die);
      page.once('close', die);
      browser.once('disconnected', die);
    });
    this.#died.catch(() => undefined); // closing it ourselves is no fault
  }

  /** Throws LabError when there is no browser or the page does not start. */
  static async start({ root, gpu, files, hears }: BrowserLabOptions): Promise<BrowserLab> {
    const served = await serveHeadless(root, files);
    let browser: Browser | null = null;
    try {
      browser = await launch({ gpu });
      const page = await browser.newPage();
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(error.message));
      await page.exposeFunction('priorscapeHears', hears);
      await page.goto(served.url);
      try {
        await page.waitForFunction(() => typeof window.priorscape === 'function', undefined, { timeout: 120_000 });
      } catch (error) {
        throw new LabError('device', `The headless page did not start${faults.length > 0 ? ` (${faults[0]!})` : ''}; run \`npm ci\` and try again.`, { cause: error });
      }
      return new BrowserLab(served, browser, page);
    } catch (error) {
      await browser?.close().catch(() => undefined);
      await served.close();
      throw error;
    }
  }

  /** Rejects with LabError (or Error) carrying one sentence. */
  async call<K extends Call>(call: K, ...[argument]: Parameters<HeadlessLab[K]>): Promise<Answer<K>> {
    const asked = this.#page.evaluate(([name, given]) => window.priorscape(name, given), [call as Call, argument as unknown] as const);
    // A call broken off by a death may hear of it just before the death itself is reported.
    const explained = asked.catch(async (error: unknown) => {
      await Promise.race([this.#died, new Promise((resolve) => setTimeout(resolve, 1000))]);
      throw error;
    });
    const outcome = await Promise.race([explained, this.#died]);
    if ('fault' in outcome) throw fromFault(outcome.fault);
    return outcome.value as Answer<K>; // the page answers a call with the value of that call
  }

  async close(): Promise<void> {
    await this.#browser.close().catch(() => undefined);
    await this.#served.close();
  }
}
