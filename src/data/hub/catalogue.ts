/**
 * What the Hub has of a data set: its configs, their splits, and for each the addresses of Parquet files, by
 * `/api/datasets/{id}/parquet` (config → split → addresses; https://huggingface.co/docs/dataset-viewer/parquet). Every image set
 * with a viewer has them, whatever format it was given in.
 */
import { z } from 'zod';
import { LabError } from '../../core/errors.ts';
import type { Part } from '../import/contract.ts';
import { HUB, type HubAddress } from './address.ts';
import { askJson, type Network } from './ask.ts';
import { hostOf } from './faults.ts';

export interface HubSplit {
  /** As the Hub names it. */
  name: string;
  part: Part | null;
  /** Addresses of its files, in order. */
  files: string[];
}

export interface HubConfig {
  name: string;
  splits: HubSplit[];
}

export interface HubCatalogue {
  id: string;
  configs: HubConfig[];
  /** As its card says; empty when it does not. */
  licence: string;
}

/** Lists of at most so many bytes are read. */
const MOST_JSON = 4 * 2 ** 20;
const LISTING = z.record(z.string(), z.record(z.string(), z.array(z.string())));
const CARD = z.object({
  cardData: z.object({ license: z.union([z.string(), z.array(z.string())]).optional() }).nullish(),
  tags: z.array(z.string()).nullish(),
});

/** Throws LabError('data') when there is no such set, it cannot be read, or it has no Parquet files. */
export async function readCatalogue(network: Network, hub: string, id: string, signal?: AbortSignal): Promise<HubCatalogue> {
  const asked = { hub, id };
  const path = id.split('/').map(encodeURIComponent).join('/');
  const listing = LISTING.safeParse(await askJson(network, asked, `${hub}/api/datasets/${path}/parquet`, MOST_JSON, signal));
  if (!listing.success) throw new LabError('data', `What answers at ${hub} is not a Hub: its list of files for ${id} cannot be understood; check the Hub's address.`, { cause: listing.error });
  const configs = Object.entries(listing.data).flatMap(([name, splits]): HubConfig[] => {
    const found = Object.entries(splits).flatMap(([split, files]): HubSplit[] => (files.length === 0 ? [] : [{ name: split, part: partOf(split), files: files.map((file) => addressOn(hub, file, id)) }]));
    return found.length === 0 ? [] : [{ name, splits: found }];
  });
  if (configs.length === 0) throw new LabError('data', `${hostOf(hub)} has no Parquet files of ${id} yet; it makes them for sets whose page shows a viewer.`);
  return { id, configs, licence: await licenceOf(network, asked, path, signal) };
}

/** The split a name says; null for another. A set that is too large for the Hub is given in part, under `partial-…`. */
export function partOf(split: string): Part | null {
  const name = split.toLowerCase().replace(/^partial[-_]/, '');
  if (/^train(ing)?$/.test(name)) return 'train';
  if (/^(val|valid|validation|dev)$/.test(name)) return 'validation';
  return /^test(ing)?$/.test(name) ? 'test' : null;
}

export interface ChosenSplits {
  config: string;
  splits: HubSplit[];
}

/** The config and splits an address means. Throws LabError('data') naming what there is. */
export function chooseSplits({ id, configs }: HubCatalogue, { config, splits }: Pick<HubAddress, 'config' | 'splits'>): ChosenSplits {
  const chosen = config === null ? configs.find(({ name }) => name === 'default') ?? configs[0]! : configs.find(({ name }) => name === config);
  if (!chosen) throw new LabError('data', `${id} has no config “${config ?? ''}”; it has ${listed(configs.map(({ name }) => name))}.`);
  if (splits.length > 0) {
    const named = splits.map((name) => {
      const found = chosen.splits.find((one) => one.name === name);
      if (!found) throw new LabError('data', `${id} (${chosen.name}) has no split “${name}”; it has ${listed(chosen.splits.map((one) => one.name))}.`);
      return found;
    });
    return { config: chosen.name, splits: withParts(named) };
  }
  const usual = chosen.splits.filter(({ part }) => part !== null);
  return { config: chosen.name, splits: withParts(usual.length > 0 ? usual : chosen.splits.slice(0, 1)) };
}

/** One split alone says nothing of what to train and to test on. Of several, what is neither validation nor test is there to train on. */
function withParts(splits: readonly HubSplit[]): HubSplit[] {
  if (new Set(splits.map(({ name }) => name)).size === 1) return [{ ...splits[0]!, part: null }];
  return splits.map((split) => ({ ...split, part: split.part ?? 'train' }));
}

/** A list of a mirror may still name the Hub itself; its files are asked of the mirror. Throws LabError('data') for anything but http(s). */
function addressOn(hub: string, file: string, id: string): string {
  const url = URL.canParse(file, `${hub}/`) ? new URL(file, `${hub}/`) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw new LabError('data', `${hostOf(hub)} names a file of ${id} whose address cannot be read from; choose another set or Hub.`);
  return url.origin === HUB ? `${hub}${url.pathname}${url.search}` : url.href;
}

/** The licence is told where it can be; that it cannot is no reason to refuse the data. */
async function licenceOf(network: Network, asked: { hub: string; id: string }, path: string, signal?: AbortSignal): Promise<string> {
  try {
    const card = CARD.parse(await askJson(network, asked, `${asked.hub}/api/datasets/${path}`, MOST_JSON, signal));
    const said = card.cardData?.license ?? card.tags?.find((tag) => tag.startsWith('license:'))?.slice('license:'.length);
    return said === undefined ? '' : [said].flat().join(', ');
  } catch {
    signal?.throwIfAborted();
    return '';
  }
}

function listed(names: readonly string[]): string {
  return names.length <= 12 ? names.join(', ') : `${names.slice(0, 12).join(', ')} and ${names.length - 12} more`;
}
