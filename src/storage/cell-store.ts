/**
 * Finished cells of studies in this origin's private files (OPFS), so that a study goes on where a closed tab left it. A machine without such files, or
 * without room, keeps none: that costs only the time to compute them again.
 */
import type { CellKeep } from '../experiment/study/cell.ts';
import { type Folder, openFolder } from './folder.ts';

const FOLDER = 'priorscape-study-cells';
/** Some ten kilobytes each; where there are more, all go and it begins anew. */
const MOST = 5000;

export function cellStore(open: () => Promise<Folder | null> = () => openFolder(FOLDER), most = MOST): CellKeep {
  let folder: Promise<Folder | null> | null = null;
  const opened = () => (folder ??= open().then(async (found) => {
    const names = await found?.names() ?? [];
    if (found && names.length > most) for (const name of names) await found.remove(name);
    return found;
  }).catch(() => null));
  return {
    async read(key) {
      const file = await (await opened())?.read(`${key}.json`);
      // Written but for its bytes: the room ran out, or the tab was closed just then.
      return file && file.size > 0 ? file.text() : null;
    },
    async write(key, cell) {
      await (await opened())?.write(`${key}.json`, [new TextEncoder().encode(cell)]).catch(() => undefined);
    },
  };
}
