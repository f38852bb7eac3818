/** Prior files from elsewhere: what an address names, and its bytes. */
import { joinedBytes } from '../core/bytes.ts';
import { LabError } from '../core/errors.ts';
import { HUB } from '../data/hub/address.ts';
import { sha256Hex } from '../data/hash.ts';

/** One of the shelf's, by its id; or a file of any server, under the name it will have here. */
export type PriorAddress = { kind: 'shelf'; id: string } | { kind: 'file'; url: string; name: string };

/** The file that a repository of the Hub is asked for when the address names none. */
const DEFAULT_FILE = 'prior.safetensors';
/** A file larger than this is not read: ConvNets and ResNets of this lab stay far below it. */
const MOST_BYTES = 2 ** 29;
const PART = /^[\w.-]{1,96}$/;

/**
 * `glyphs-convnet-s` (the shelf), `owner/name` or `owner/name/file.safetensors` (a model repository of the Hugging Face Hub), or a link to a file,
 * of the Hub's pages too. Throws LabError('file') with one sentence.
 */
export function parsePriorAddress(text: string): PriorAddress {
  const trimmed = text.trim();
  if (/^https?:\/\//i.test(trimmed)) return linked(trimmed);
  const parts = trimmed.split('/');
  if (!parts.every((part) => PART.test(part) && !/^\.+$/.test(part))) {
    throw new LabError('file', `“${trimmed.slice(0, 100)}” names no prior; write OWNER/NAME of a model on the Hugging Face Hub, or paste a link to a .safetensors file.`);
  }
  const [owner, name, ...file] = parts;
  if (name === undefined) return { kind: 'shelf', id: trimmed };
  const path = file.length === 0 ? DEFAULT_FILE : file.join('/');
  return { kind: 'file', url: `${HUB}/${owner!}/${name}/resolve/main/${path}`, name: `${name}.safetensors` };
}

function linked(text: string): PriorAddress {
  if (!URL.canParse(text)) throw new LabError('file', `“${text.slice(0, 100)}” is no link; paste the address of a .safetensors file.`);
  const url = new URL(text);
  const parts = url.pathname.split('/').filter((part) => part !== '');
  if (url.host === new URL(HUB).host) {
    // Pages of the Hub show a file under /blob/; /resolve/ is the file itself, and a page of a repository names none.
    if (parts[2] === 'blob') parts[2] = 'resolve';
    if (parts.length === 2) parts.push('resolve', 'main', DEFAULT_FILE);
    url.pathname = `/${parts.join('/')}`;
  }
  const last = decoded(parts.at(-1) ?? 'prior');
  return { kind: 'file', url: url.href, name: last === DEFAULT_FILE && parts.length > 2 ? `${parts[1]!}.safetensors` : last };
}

/** A part of a path as it reads; as it stands where its percent signs are no escapes. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The bytes at `url`, of `sha256` where that is known. Throws LabError('file') with one sentence. */
export async function fetchPrior({ url, name, sha256 = null }: { url: string; name: string; sha256?: string | null }, get: typeof fetch = fetch): Promise<Uint8Array<ArrayBuffer>> {
  const { host } = new URL(url, globalThis.location?.href);
  let response: Response;
  try {
    response = await get(url, { credentials: 'omit' });
  } catch (cause) {
    throw new LabError('file', `The prior ${name} could not be fetched: ${host} cannot be reached, or lets no other page read from it; save the file and import it instead.`, { cause });
  }
  if (!response.ok) {
    await response.body?.cancel().catch(() => undefined);
    const hint = response.status === 401 || response.status === 403 ? 'it is private or gated' : response.status === 404 ? 'there is no such file; check the address' : `it answered with status ${response.status}; try again later`;
    throw new LabError('file', `The prior ${name} could not be fetched from ${host}: ${hint}.`);
  }
  const bytes = await bodyWithin(response, name, host);
  if (sha256 !== null && (await sha256Hex(bytes)) !== sha256) throw new LabError('file', `The prior ${name} is not what it should be (its SHA-256 differs); reload the page and try again.`);
  return bytes;
}

async function bodyWithin(response: Response, name: string, host: string): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  try {
    const reader = response.body!.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      length += next.value.byteLength;
      if (length > MOST_BYTES) {
        await reader.cancel().catch(() => undefined);
        throw new LabError('file', `The prior ${name} on ${host} is larger than the ${MOST_BYTES / 2 ** 20} MB that are read; save the file and import it instead.`);
      }
      chunks.push(next.value);
    }
  } catch (cause) {
    if (cause instanceof LabError) throw cause;
    throw new LabError('file', `The prior ${name} could not be fetched whole: ${host} broke off; try again.`, { cause });
  }
  return joinedBytes(chunks);
}
