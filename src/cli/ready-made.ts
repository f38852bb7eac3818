/**
 * Entry of `npm run priors`: learns the ready-made priors of `public/priors` by their recipes and writes the list with their hashes. With names of
 * recipes only those are made; the others stay. `--check` writes nothing and says whether each comes out with the same tensors.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256Hex } from '../data/hash.ts';
import { decodePrior, tensorsHash } from '../prior/file.ts';
import { parseShelf, SHELF, type Shelved } from '../prior/shelf.ts';
import { BrowserLab } from './headless/browser-lab.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = join(ROOT, 'public', SHELF);
const INDEX = join(FOLDER, 'index.json');

type Recipe = Pick<Shelved, 'id' | 'title' | 'about' | 'config'>;

const RECIPES: readonly Recipe[] = [
  {
    id: 'glyphs-convnet-s-half', title: 'Glyphs, ConvNet-S at half width',
    about: 'Letters A–Z in many typefaces, supervised; widths 8, 16, 32. The quickest to fine-tune.',
    config: { name: 'Glyphs, ConvNet-S at half width', model: { widths: [8, 16, 32] } },
  },
  {
    id: 'glyphs-convnet-s', title: 'Glyphs, ConvNet-S',
    about: 'Letters A–Z in many typefaces, supervised; widths 16, 32, 64.',
    config: { name: 'Glyphs, ConvNet-S' },
  },
  {
    id: 'glyphs-resnet-8', title: 'Glyphs, ResNet-8 at half width',
    about: 'Letters A–Z in many typefaces, supervised; group norm, widths 8, 16, 32. Several times the work of a ConvNet-S.',
    config: { name: 'Glyphs, ResNet-8 at half width', model: { architecture: 'resnet-8', widths: [8, 16, 32] }, source: { steps: 1200 }, posterior: { steps: 800, snapshots: 20 } },
  },
];

/** The prior of a recipe; the run is left once it is learned. */
async function learn({ title, config }: Recipe): Promise<Uint8Array<ArrayBuffer>> {
  let told = '';
  const lab: BrowserLab = await BrowserLab.start({
    root: ROOT, gpu: 'software', files: new Map(),
    hears: (event) => {
      if (event.kind === 'stage' && event.stage === 'posterior' && event.state === 'done') void lab.call('cancel');
      if (event.kind !== 'progress') return;
      const doing = event.label.replace(/ \(.*\)$/, '');
      if (doing !== told) console.error(`${title}: ${doing}`);
      told = doing;
    },
  });
  try {
    await lab.call('open', { backend: 'wasm', engine: 'auto', data: [], weights: null });
    await lab.call('run', config);
    return new Uint8Array(await lab.call('prior'));
  } finally {
    await lab.close();
  }
}

const asked = process.argv.slice(2).filter((argument) => argument !== '--check');
const check = process.argv.includes('--check');
const unknown = asked.find((id) => !RECIPES.some((recipe) => recipe.id === id));
if (unknown !== undefined) throw new Error(`There is no ready-made prior “${unknown}”; there are ${RECIPES.map(({ id }) => id).join(', ')}.`);
mkdirSync(FOLDER, { recursive: true });
const before = existsSync(INDEX) ? parseShelf(readFileSync(INDEX, 'utf8')) : [];
const shelved = new Map(before.map((one) => [one.id, one]));
for (const recipe of RECIPES) {
  if (asked.length > 0 && !asked.includes(recipe.id)) continue;
  const bytes = await learn(recipe);
  const tensors = await tensorsHash(bytes);
  if (check) {
    const same = tensors === shelved.get(recipe.id)?.tensors;
    console.log(`${recipe.id}: ${same ? 'the same tensors' : 'other tensors than the committed file has'}`);
    if (!same) process.exitCode = 1;
    continue;
  }
  writeFileSync(join(FOLDER, `${recipe.id}.safetensors`), bytes);
  shelved.set(recipe.id, { ...recipe, bytes: bytes.length, sha256: await sha256Hex(bytes), tensors });
  // After each, so that what was made stays if a later one fails.
  writeFileSync(INDEX, `${JSON.stringify(RECIPES.flatMap(({ id }) => shelved.get(id) ?? []), null, 2)}\n`);
  const { provenance: { sourceAccuracy } } = await decodePrior(bytes);
  console.log(`${recipe.id}: ${bytes.length} bytes, source accuracy ${sourceAccuracy === null ? 'unknown' : sourceAccuracy.toFixed(3)}`);
}
