/** What a Hub's refusals mean, each in one sentence that says what to do. Pure. */
import { LabError } from '../../core/errors.ts';

/** What was asked of whom. */
export interface Asked {
  /** Address of the Hub. */
  hub: string;
  /** Data set. */
  id: string;
}

export interface Refusal {
  status: number;
  /** Header `Retry-After`; null when absent. */
  retryAfter: string | null;
  /** Header `X-Error-Code`, by which the Hub tells gated from missing. */
  code: string | null;
}

export function refusalOf(response: Response): Refusal {
  return { status: response.status, retryAfter: response.headers.get('Retry-After'), code: response.headers.get('X-Error-Code') };
}

/** A refusal that may pass if the same is asked again shortly. */
export function isPassing({ status }: Refusal): boolean {
  return status === 429 || status === 408 || status >= 500;
}

/** Seconds until a refused request may be tried again, by a header of seconds or of a date; null when it does not say. */
export function secondsToWait(retryAfter: string | null, now: number): number | null {
  if (retryAfter === null || retryAfter.trim() === '') return null;
  if (/^\d+$/.test(retryAfter.trim())) return Number(retryAfter.trim());
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1000));
}

/** A status other than success. A set that does not exist answers 401 to visitors who are not signed in, as a private one does. */
export function refused({ hub, id }: Asked, { status, retryAfter, code }: Refusal, now = Date.now()): LabError {
  const host = hostOf(hub);
  if (code === 'GatedRepo' || (status === 403 && code !== 'RepoNotFound')) {
    return fault(`${id} on ${host} is gated or private, and the lab signs in nowhere: download its Parquet files with your account and drop them here, or choose another set.`);
  }
  if (status === 401) return fault(`${host} shows no public data set “${id}”: check the spelling; a private or gated set cannot be read from here.`);
  if (status === 404) return fault(`${host} has no data set “${id}”, or no Parquet version of it yet: check the spelling, or see whether its page there shows a viewer.`);
  if (status === 429) {
    const wait = secondsToWait(retryAfter, now);
    return fault(`${host} says that it was asked too often; try again ${wait === null ? 'in a few minutes' : `in ${inWords(wait)}`}.`);
  }
  if (status >= 500) return fault(`${host} has a fault of its own (status ${status}); try again in a while.`);
  return fault(`${host} refused to give ${id} (status ${status}); check the id and the Hub's address.`);
}

/** No answer at all. A browser does not tell a missing network from an address that forbids pages to read from it. */
export function unreachable({ hub }: Asked, cause: unknown): LabError {
  return new LabError('data', `${hostOf(hub)} cannot be reached; check the connection and the Hub's address. What was read before is still in the list of data.`, { cause });
}

export function hostOf(hub: string): string {
  return URL.canParse(hub) ? new URL(hub).host : hub;
}

function inWords(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} seconds`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3600)} hours`;
}

function fault(sentence: string): LabError {
  return new LabError('data', sentence);
}
