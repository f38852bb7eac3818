/** `convert`: priors between this lab's file and the flat tensors of the paper's code. */
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { LabError } from '../core/errors.ts';
import { type AuthorsFiles, fromAuthors, toAuthors } from '../prior/authors.ts';
import { decodePrior, encodePrior } from '../prior/file.ts';
import { readTorchTensor, writeTorchTensor } from '../prior/torch-file.ts';
import type { ConvertCommand } from './arguments.ts';
import { prepareOut, write } from './run-lab.ts';

/** Lines to print: what was taken for granted, and the paths written. Throws LabError with one sentence. */
export async function convert({ files, out, like, convention }: ConvertCommand): Promise<string[]> {
  const folder = dirname(out);
  if (like === null) {
    const made = toAuthors((await decodePrior(bytesOf(files[0]!))).gaussian);
    prepareOut(folder);
    return Object.entries(made).map(([name, tensor]) => write(folder, `${basename(out)}_${name}.pt`, writeTorchTensor(tensor)));
  }
  const [mean, variance, covmat] = files.map((path) => readTorchTensor(bytesOf(path), path)) as [AuthorsFiles['mean'], AuthorsFiles['variance'], AuthorsFiles['covmat']]; // three, by the command line
  const { posterior, divided } = fromAuthors({ mean, variance, covmat }, await decodePrior(bytesOf(like)), convention);
  prepareOut(folder);
  const path = write(folder, basename(out), await encodePrior(posterior));
  return [`The factor was taken as ${divided ? 'divided' : 'not divided'} by √(K − 1), the halves as ${convention.half ? 'to be applied' : 'applied or absent'}.`, path];
}

function bytesOf(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new LabError('file', `The file ${path} cannot be read; check the path.`, { cause: error });
  }
}
