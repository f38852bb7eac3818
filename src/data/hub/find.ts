/** A data set of the Hub as a Find: which of its Parquet files are meant, read in ranges, with only the rows asked for. */
import type { Choices, Find } from '../import/contract.ts';
import { findParquetIn } from '../import/parquet.ts';
import type { ParquetSource } from '../import/parquet-table.ts';
import type { HubAddress } from './address.ts';
import type { Network } from './ask.ts';
import { chooseSplits, readCatalogue } from './catalogue.ts';
import { knownSet } from './known.ts';
import { openRemoteFile } from './remote-file.ts';

export interface HubRequest {
  /** Address of the Hub. */
  hub: string;
  address: HubAddress;
}

/** Rejects with LabError('data'), or with the signal's reason. `read(bytes)`: bytes as they come in, of whatever is read through this Find. */
export async function findOnHub({ hub, address }: HubRequest, { network, read, signal }: { network: Network; read(bytes: number): void; signal?: AbortSignal }): Promise<Find> {
  const catalogue = await readCatalogue(network, hub, address.id, signal);
  const { splits } = chooseSplits(catalogue, address);
  const sources: ParquetSource[] = [];
  for (const { name, part, files } of splits) {
    for (const [i, url] of files.entries()) {
      const path = `${address.id}/${name}/${i}.parquet`;
      const { size, slice } = await openRemoteFile(path, url, { network, asked: { hub, id: address.id }, read, ...(signal ? { signal } : {}) });
      sources.push({ name: path, part, byteLength: size, slice });
    }
  }
  const known = knownSet(address.id);
  const licence = known?.licence ?? catalogue.licence;
  return ofHub(await findParquetIn(sources, { name: known?.name ?? address.id.split('/').at(-1)!, rows: address.rows, licence }), address.id);
}

function ofHub(find: Find, id: string): Find {
  return { ...find, words: `${id} on the Hub: ${find.words}`, answered: async (answers) => ofHub(await find.answered(answers), id) };
}

/** What is proposed for a set that is known: its size, and which column its labels are. */
export function knownChoices({ id }: HubAddress): Partial<Choices> {
  const known = knownSet(id);
  return known ? { height: known.size, width: known.size, channels: known.channels, ...(Object.keys(known.answers).length > 0 ? { answers: known.answers } : {}) } : {};
}
