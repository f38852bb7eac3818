/** Priors that are opened by an address: ready-made ones, the Hub's, links; and `?prior=` of the page's own address, which opens one again. */
import { LabError } from '../../core/errors.ts';
import { fetchPrior, parsePriorAddress } from '../../prior/remote.ts';
import { parseShelf, SHELF, type Shelved } from '../../prior/shelf.ts';

let listed: Promise<Shelved[]> | null = null;

/** The ready-made priors; asked for once, and again after a fault. Rejects with LabError('file'). */
export function shelf(): Promise<Shelved[]> {
  listed ??= readShelf().catch((error: unknown) => {
    listed = null;
    throw error;
  });
  return listed;
}

async function readShelf(): Promise<Shelved[]> {
  let text: string;
  try {
    const response = await fetch(`${SHELF}index.json`);
    if (!response.ok) throw new Error(`status ${response.status}`);
    text = await response.text();
  } catch (cause) {
    throw new LabError('file', 'The list of ready-made priors could not be fetched; check the connection and try again.', { cause });
  }
  return parseShelf(text);
}

/** The prior at an address, as a file under the name the page gives it. Rejects with LabError('file') and one sentence. */
export async function priorAt(address: string): Promise<File> {
  const named = parsePriorAddress(address);
  if (named.kind === 'file') return new File([await fetchPrior(named)], named.name);
  const all = await shelf();
  const one = all.find(({ id }) => id === named.id);
  if (!one) throw new LabError('file', `There is no ready-made prior “${named.id}”; there are ${all.map(({ id }) => id).join(', ')}.`);
  return new File([await fetchPrior({ url: `${SHELF}${one.id}.safetensors`, name: one.title, sha256: one.sha256 })], one.title);
}

/** What `?prior=` names; null when nothing. */
export function priorInAddress(): string | null {
  return new URLSearchParams(location.search).get('prior');
}

/** So that a reload and a copied link open the same prior; null: none, or a file that only this visitor has. */
export function nameInAddress(address: string | null): void {
  const url = new URL(location.href);
  if (address === null) url.searchParams.delete('prior');
  else url.searchParams.set('prior', address);
  if (url.href !== location.href) history.replaceState(null, '', url);
}
