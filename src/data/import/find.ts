/**
 * Which format files are in, by what they hold and only then by their names. Archives are opened and what is in them is looked at as if it had been given.
 */
import type { Find, FindData, Given } from './contract.ts';
import { findFolder, isImagePath } from './folder.ts';
import { fault, MAX_FILES } from './limits.ts';
import { findArrays } from './npz.ts';
import { base, counted, isHidden, nameOf } from './paths.ts';
import { sniff, type Kind } from './sniff.ts';
import { zipFiles } from './zip.ts';

const READABLE = 'a folder of images in one folder a class, a zip of it, or an npz file';
/** Files that are looked into one by one; more are images, and what is none is told by its name. */
const LOOKED_INTO = 64;

const REFUSED: Partial<Record<Kind, string>> = {
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
  kind: Kind;
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
    return findFolder(files, name, wrapped);
  }
  const seen: Seen[] = [];
  for (const given of files) seen.push({ given, kind: await sniff(given) });
  const of = (kind: Kind): Given[] => seen.filter((one) => one.kind === kind).map(({ given }) => given);

  const archives = of('zip');
  if (archives.length > 0) {
    if (depth > 0) throw fault(`${archives[0]!.path} is an archive within an archive; unpack the outer one first.`);
    return opened(archives, depth);
  }
  if (of('npy').length > 0) return findArrays(of('npy'), name === null ? 'npy' : 'npz', name ?? nameOf(of('npy')[0]!.path));
  if (of('image').length > 0) return findFolder(files, name, wrapped);
  const refused = seen.find(({ kind }) => REFUSED[kind]);
  if (refused) throw fault(`${base(refused.given.path)} is ${REFUSED[refused.kind]!}.`);
  throw fault(`${files.length === 1 ? `${base(files[0]!.path)} is in no format` : `${counted(files.length, 'file')} are in no formats`} that can be read here; give ${READABLE}.`);
}

/** Several archives are taken as one folder each, named as they are. */
async function opened(archives: readonly Given[], depth: number): Promise<Find> {
  const files: Given[] = [];
  for (const archive of archives) {
    for (const file of await zipFiles(archive)) {
      const stem = nameOf(archive.path);
      files.push(archives.length === 1 || file.path.startsWith(`${stem}/`) ? file : { ...file, path: `${stem}/${file.path}` });
    }
  }
  const [first] = archives;
  if (files.length === 0) throw fault(`${base(first!.path)} holds no files; give ${READABLE}.`);
  return among(files, nameOf(first!.path), archives.length === 1 ? 'A zip of ' : `${archives.length} zips of `, depth + 1);
}
