/** Weights held against the network of the settings, and against the one that the file tells of. */
import { type Config, parseConfig } from '../../experiment/config/config.ts';
import { sourceArchitecture } from '../../experiment/tasks.ts';
import { parameterTable } from '../../model/build.ts';
import { fitWeights, type WeightsFit, type WeightsListing } from '../../prior/weights.ts';
import type { Edits } from '../settings/edit.ts';
import { NETWORK_LABEL } from '../settings/network.ts';
import type { LabState } from '../store.ts';

type Images = NonNullable<LabState['data']['source']['preview']>;

export interface NetworkOffer {
  /** `ResNet-8 of widths 8, 16, 32`. */
  words: string;
  edits: Edits;
}

/** null where these settings make no network for these images. */
export function fitTo(listing: WeightsListing, config: Config, images: Images): WeightsFit | { fault: string } {
  try {
    return fitWeights(listing, parameterTable(sourceArchitecture(config, images)));
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

/** Another network that takes more of the file than the one of the settings; null where there is none. */
export function offerOf(listing: WeightsListing, config: Config, images: Images): NetworkOffer | null {
  const { guess } = listing;
  if (!guess) return null;
  const edits: Edits = { 'model.architecture': guess.name, 'model.widths': guess.widths, ...(guess.stem === undefined ? {} : { 'model.stem': String(guess.stem) }) };
  try {
    const there = fitTo(listing, parseConfig({ ...config, ...edits }).config, images);
    const here = fitTo(listing, config, images);
    if ('fault' in there || there.used === 0 || (!('fault' in here) && here.used / here.tensors >= there.used / there.tensors)) return null;
  } catch {
    // Widths beyond the limits of the settings: there is no such network here.
    return null;
  }
  return { words: `${NETWORK_LABEL[guess.name]} of widths ${guess.widths.join(', ')}`, edits };
}
