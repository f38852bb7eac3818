/** What names a data set on the Hugging Face Hub: an id or a link, with a config, splits and a number of rows if wanted. Pure. */
import { LabError } from '../../core/errors.ts';

/** Where the Hub answers unless another address (a mirror) is given. */
export const HUB = 'https://huggingface.co';

export interface HubAddress {
  /** `owner/name`, or `name` for the oldest sets. */
  id: string;
  /** null: the default one. */
  config: string | null;
  /** Empty: training, validation and test, those that are there. */
  splits: string[];
  /** At most so many rows in all, spread over the splits; 0: all. */
  rows: number;
}

/** One part of an id as the Hub allows it: no slash, no dot or dash at either end, no `..` or `--`. */
const PART = /^(?!.*(?:--|\.\.))[A-Za-z0-9_](?:[\w.-]{0,94}[A-Za-z0-9_])?$/;
/** Names of configs and splits enter an address. */
const NAME = /^[^/?#\s\\]{1,200}$/;

/**
 * `ylecun/mnist`, `datasets/ylecun/mnist` or a link to the set's page (of any host: mirrors have other names), each with optional
 * `?config=…&split=…&rows=…`; `split` may name several, separated by commas. A link into the viewer names config and split by its path.
 * Throws LabError('data') with one sentence.
 */
export function parseHubAddress(text: string): HubAddress {
  const trimmed = text.trim();
  if (trimmed === '') throw fault('Name a data set of the Hugging Face Hub, like ylecun/mnist, or paste a link to its page.');
  const at = trimmed.search(/[?#]/);
  const path = at < 0 ? trimmed : trimmed.slice(0, at);
  const query = new URLSearchParams(trimmed[at] === '?' ? trimmed.slice(at + 1).replace(/#.*$/, '') : '');
  const link = /^https?:\/\/[^/]+(\/.*)?$/i.exec(path);
  if (!link && path.includes('://')) throw fault(`“${trimmed}” is not an address of the Hugging Face Hub; write an id like ylecun/mnist or paste a link to the set's page.`);
  let parts = (link ? link[1] ?? '' : path).split('/').filter((part) => part !== '').map(decoded);
  if (link && parts[0] === 'api') parts = parts.slice(1);
  if (parts[0] === 'datasets') parts = parts.slice(1);
  else if (link) throw fault(`“${trimmed}” is not a link to a data set; its path begins with /datasets/ when it is one.`);
  const viewer = parts.findIndex((part, i) => i >= 1 && ['viewer', 'tree', 'blob', 'resolve', 'parquet', 'discussions'].includes(part));
  const [id, after] = viewer < 0 ? [parts, []] : [parts.slice(0, viewer), ['viewer', 'parquet'].includes(parts[viewer]!) ? parts.slice(viewer + 1) : []];
  if (id.length < 1 || id.length > 2 || !id.every((part) => PART.test(part))) {
    throw fault(`“${trimmed}” is no id of a data set; it reads OWNER/NAME, like ylecun/mnist.`);
  }
  const unknown = [...query.keys()].find((key) => !['config', 'split', 'rows', 'row', 'views', 'views[]', 'p'].includes(key));
  if (unknown !== undefined) throw fault(`“${unknown}” says nothing about a data set; use config, split and rows.`);
  const config = query.get('config') || after[0] || null;
  const splits = (query.get('split') || after[1] || '').split(',').map((name) => name.trim()).filter((name) => name !== '');
  const odd = [...(config === null ? [] : [config]), ...splits].find((name) => !NAME.test(name));
  if (odd !== undefined) throw fault(`“${odd}” cannot be the name of a config or split; names have no slashes and no spaces.`);
  const rows = query.get('rows') ?? '0';
  if (!/^\d{1,9}$/.test(rows)) throw fault(`rows is “${rows}”; it is a whole number of rows to read in all, 0 for every one.`);
  return { id: id.join('/'), config, splits, rows: Number(rows) };
}

/** The same, to be read again; what is left at its default is left out. */
export function writeHubAddress({ id, config, splits, rows }: HubAddress): string {
  const query = [
    ...(config === null ? [] : [`config=${encodeURIComponent(config)}`]),
    ...(splits.length === 0 ? [] : [`split=${splits.map(encodeURIComponent).join(',')}`]),
    ...(rows === 0 ? [] : [`rows=${rows}`]),
  ];
  return query.length === 0 ? id : `${id}?${query.join('&')}`;
}

/** The address of a Hub without a slash at its end; empty: the usual one. Throws LabError('data') unless it is http or https. */
export function parseHub(text: string): string {
  const trimmed = text.trim().replace(/\/+$/, '');
  if (trimmed === '') return HUB;
  const given = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
  const url = URL.canParse(given) ? new URL(given) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw fault(`“${text.trim()}” is not the address of a Hub; it reads like ${HUB}.`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function fault(sentence: string): LabError {
  return new LabError('data', sentence);
}
