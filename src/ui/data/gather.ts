/** Files as a visitor gives them (dropped, with whole folders; picked; picked as a folder) into one list of paths and handles. Nothing is read. */
import { LabError } from '../../core/errors.ts';
import type { Handed } from '../../worker/protocol.ts';

/** Hears how many files were found so far. */
export type Gather = (found: (files: number) => void) => Promise<Handed[]>;

/** More would be slow to list and heavy to hand over; an archive has no such limit. */
const MOST_FILES = 200_000;

/** To be called while the drop is handled: a browser forgets what was dropped afterwards. */
export function dropped(transfer: DataTransfer): Gather {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const files = [...transfer.files];
  if (entries.length === 0) return picked(files);
  return async (found) => {
    const out: Handed[] = [];
    for (const entry of entries) await walk(entry, out, found);
    return out;
  };
}

export function picked(files: readonly File[]): Gather {
  return async (found) => {
    checkCount(files.length);
    found(files.length);
    return files.map((file) => ({ path: file.webkitRelativePath || file.name, blob: file }));
  };
}

async function walk(entry: FileSystemEntry, out: Handed[], found: (files: number) => void): Promise<void> {
  const path = entry.fullPath.replace(/^\//, '');
  const unread = (cause: unknown) => new LabError('file', `“${path}” can no longer be read; choose it again.`, { cause });
  if (entry.isFile) {
    const blob = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, (cause) => reject(unread(cause))));
    checkCount(out.push({ path, blob }));
    found(out.length);
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // At most a hundred at a time; an empty answer is the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, (cause) => reject(unread(cause))));
    if (some.length === 0) return;
    for (const one of some) await walk(one, out, found);
  }
}

function checkCount(files: number): void {
  if (files > MOST_FILES) throw new LabError('data', `This folder holds more than ${MOST_FILES.toLocaleString('en-GB')} files; put it into a zip or tar.gz, which is read without listing them.`);
}
