/**
 * Which format files are in, by what they hold and only then by their names. Archives are opened and what is in them is looked at as if it had been given.
 */
import { findCifar, isCifar } from './cifar.ts';
import type { Find, FindData, Given } from './contract.ts';
import { findCsv } from './csv.ts';
import { findFolder, isImagePath } from './folder.ts';
import { Flow } from './given.ts';
import { findIdx } from './idx-pairs.ts';
import { gunzipped } from './inflate-stream.ts';
import { fault, MAX_FILES } from './limits.ts';
import { findArrays } from './npz.ts';
import { findParquet } from './parquet.ts';
import { pairsOf } from './map-pairs.ts';
import { findMaps } from './maps.ts';
import { base, counted, ending, isHidden, nameOf } from './paths.ts';
import { HEAD, kindOf, sniff, type Kind } from './sniff.ts';
import { tarFiles } from './tar.ts';
import { zipFiles } from './zip.ts';

const READABLE = 'images in one folder a class (or a zip or tar of it), images with label maps in folders beside each other, or npz, npy, IDX, CIFAR, CSV or Parquet files';
/** Files that are looked into one by one; more are images, and what is none is told by its name. */
const LOOKED_INTO = 64;

const REFUSED: Partial<Record<Seen['kind'], string>> = {
  gzip: 'a gzip of something other than a tar or an IDX file; unpack it and give what is inside',
  pickle: 'a Python pickle, which can run code when it is read; save the arrays with numpy.savez instead',
  hdf5: 'an HDF5 file, which is not read here; save the arrays with numpy.savez instead',
  matlab: 'a MATLAB file, which is not read here; save the arrays with numpy.savez instead',
  sqlite: 'a data base, which is not read here; export a folder of images',
  rar: 'a RAR archive, which cannot be opened here; unpack it and give the folder',
  '7z': 'a 7z archive, which cannot be opened here; unpack it and give the folder',
  xz: 'packed with xz, which cannot be opened here; unpack it and give what is inside',
  bzip2: 'packed with bzip2, which cannot be opened here; unpack it and give what is inside',
  empty: 'empty',
};

interface Seen {
  given: Given;
  kind: Kind | 'tar.gz' | 'cifar';
}

export const find: FindData = async (files) => {
  const shown = files.filter(({ path }) => !isHidden(path));
  if (shown.length === 0) throw fault(`There is nothing to read${files.length > 0 ? ' but hidden files' : ''}; give ${READABLE}.`);
  if (shown.length > MAX_FILES) throw fault(`${counted(shown.length, 'file')} are more than the ${MAX_FILES.toLocaleString('en')} that can be read.`);
  return among(shown, null, '', 0);
};

/** `name` and `wrapped` are of the archive that the files came out of. */
async function among(files: readonly Given[], name: string | null, wrapped: string, depth: number): Promise<Find> {
  const images = files.filter(({ path }) => isImagePath(path)).length;
  if (files.length > LOOKED_INTO || images > files.length / 2) {
    if (images === 0) throw fault(`None of ${counted(files.length, 'file')} is an image; give ${READABLE}.`);
    return findImages(files, name, wrapped);
  }
  const seen: Seen[] = [];
  for (const given of files) seen.push({ given, kind: await kindIn(given) });
  const of = (kind: Seen['kind']): Given[] => seen.filter((one) => one.kind === kind).map(({ given }) => given);

  const archives = [...of('zip'), ...of('tar'), ...of('tar.gz')];
  if (archives.length > 0) {
    if (depth > 0) throw fault(`${archives[0]!.path} is an archive within an archive; unpack the outer one first.`);
    return opened(seen.filter(({ given }) => archives.includes(given)), depth);
  }
  const title = (first: Given): string => name ?? nameOf(first.path);
  if (of('npy').length > 0) return findArrays(of('npy'), name === null ? 'npy' : 'npz', title(of('npy')[0]!));
  if (of('parquet').length > 0) return findParquet(of('parquet'), title(of('parquet')[0]!));
  if (of('cifar').length > 0) return findCifar(of('cifar'), of('text'), name);
  if (of('idx').length > 0) return findIdx(of('idx'), name);
  if (of('image').length > 0) return findImages(files, name, wrapped);
  const refused = seen.find(({ kind }) => REFUSED[kind]);
  if (refused) throw fault(`${base(refused.given.path)} is ${REFUSED[refused.kind]!}.`);
  const tables = of('text').filter(({ path }) => seen.length === 1 || ['csv', 'tsv'].includes(ending(path)));
  if (tables.length > 0) return findCsv(tables, title(tables[0]!));
  throw fault(`${files.length === 1 ? `${base(files[0]!.path)} is in no format` : `The ${files.length} files are in no format`} that can be read here; give ${READABLE}.`);
}

/** Images whose paths pair them with label maps; other images are in folders by class. */
async function findImages(files: readonly Given[], name: string | null, wrapped: string): Promise<Find> {
  const paired = pairsOf(files.filter(({ path }) => isImagePath(path)));
  return paired ? findMaps(files, paired, name, wrapped) : findFolder(files, name, wrapped);
}

/** CIFAR's files begin as anything does, so their size and name say first; what is in a gzip is looked at. */
async function kindIn(given: Given): Promise<Kind | 'tar.gz' | 'cifar'> {
  if (isCifar(given)) return 'cifar';
  const kind = await sniff(given);
  if (kind !== 'gzip') return kind;
  const flow = new Flow(gunzipped(given), given.path);
  const head = new Uint8Array(HEAD);
  const inner = kindOf(head.subarray(0, await flow.takeInto(head)));
  await flow.close();
  if (inner === 'tar') return 'tar.gz';
  // IDX files are unpacked by their own reader.
  return inner === 'idx' ? 'idx' : kind;
}

/** Several archives are taken as one folder each, named as they are. */
async function opened(archives: readonly Seen[], depth: number): Promise<Find> {
  const files: Given[] = [];
  for (const { given: archive, kind } of archives) {
    const stem = nameOf(archive.path);
    for (const file of kind === 'zip' ? await zipFiles(archive) : await tarFiles(archive, kind === 'tar.gz')) {
      files.push(archives.length === 1 || file.path.startsWith(`${stem}/`) ? file : { ...file, path: `${stem}/${file.path}` });
    }
  }
  const { given: first, kind } = archives[0]!;
  if (files.length === 0) throw fault(`${base(first.path)} holds no files; give ${READABLE}.`);
  return among(files, nameOf(first.path), archives.length === 1 ? `A ${kind === 'zip' ? 'zip' : 'tar'} of ` : `${archives.length} archives of `, depth + 1);
}
