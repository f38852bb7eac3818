/**
 * The page of the headless lab: the same client and worker as the visitor's page, with functions in place of panels. What
 * leaves is text and one file; what is reported is a step, never a picture.
 */
import { toFault } from '../../core/errors.ts';
import { knownChoices } from '../../data/hub/find.ts';
import type { LabEvent } from '../../experiment/events.ts';
import type { Result } from '../../experiment/result.ts';
import { parseConfig } from '../../experiment/config/config.ts';
import { sourceArchitecture } from '../../experiment/tasks.ts';
import { parameterTable } from '../../model/build.ts';
import { fitSentence, fitWeights, noFit, type WeightsListing } from '../../prior/weights.ts';
import type { Study } from '../../experiment/study/study-result.ts';
import { embeddingCsv, layersCsv, resultJson, runsCsv, surfaceJson } from '../../storage/exports.ts';
import { studyFiles } from '../../storage/study-exports.ts';
import { type LabClient, startLab } from '../../worker/client.ts';
import type { Handed } from '../../worker/protocol.ts';
import type { Call, HeadlessLab, Heard, Opening, Read } from './port.ts';

let client: LabClient | null = null;
let result: Result | null = null;
let listing: WeightsListing | null = null;
let study: Study | null = null;

function hears(event: LabEvent): Heard | null {
  switch (event.kind) {
    case 'stage': case 'progress': case 'sentence': return event;
    case 'finished':
      result = event.result;
      return null;
    case 'source': case 'posterior': case 'embedding': case 'race': case 'arms': case 'plane': case 'lines': case 'cutting': case 'inference': case 'scaling': return null;
    case 'study-progress': case 'study-cell': return event;
    case 'study':
      study = event.study;
      return null;
    default: return event satisfies never;
  }
}

function opened(): LabClient {
  if (!client) throw new Error('The lab has not been opened.');
  return client;
}

/** The way that a visitor's files take on the page, with the choices given on the command line in place of the dialog. */
async function readLocal(lab: LabClient, { name, files, hub, choices: given }: Opening['data'][number]): Promise<Read> {
  const choices = { ...(hub ? knownChoices(hub.address) : {}), ...given };
  const handed: Handed[] = [];
  for (let at = 0; at < files.length; at += AT_ONCE) {
    handed.push(...await Promise.all(files.slice(at, at + AT_ONCE).map(async ({ path, url }) => ({ path, blob: await (await fetch(url)).blob() }))));
  }
  const examined = await lab.request('examineData', { ...(hub ? { hub } : { files: handed }), choices: { ...choices, name } });
  if (!examined) throw new Error('The import was ended.');
  const { understanding } = examined;
  const settled = await lab.request('settleData', { ticket: examined.ticket, choices: { ...understanding.choices, ...choices, name } });
  const notes = [...understanding.notes, ...(settled?.notes ?? [])];
  return { name, words: understanding.words, notes: notes.filter(({ text }, i) => notes.findIndex((note) => note.text === text) === i) };
}

/** Files asked of the local server at a time. */
const AT_ONCE = 16;

const lab: HeadlessLab = {
  async open({ backend, engine, data, weights }: Opening) {
    client = startLab();
    client.onEvent((event) => {
      const heard = hears(event);
      if (heard) void window.priorscapeHears(heard);
    });
    const { info, note } = await client.request('open', { backend, engine, base: new URL('/', location.href).href });
    const read: Read[] = [];
    for (const one of data) read.push(await readLocal(client, one));
    if (weights) {
      listing = await client.request('readWeights', { blob: await (await fetch(weights.url)).blob(), name: weights.name });
      await client.request('useWeights', {});
    }
    return { info, note, read };
  },
  async check(config) {
    const source = await opened().request('preview', { role: 'source', config });
    await opened().request('preview', { role: 'downstream', config });
    if (!listing) return null;
    const fit = fitWeights(listing, parameterTable(sourceArchitecture(parseConfig(config).config, source)));
    if (fit.used === 0) throw noFit(listing.file);
    return fitSentence(fit);
  },
  async run(config) {
    result = null;
    return (await opened().request('run', { config })).finished;
  },
  async study({ config, cells }) {
    study = null;
    return (await opened().request('study', { config, cells })).finished;
  },
  async studyTexts() {
    return study ? { files: studyFiles(study), sentence: study.sentence, digest: study.digest } : null;
  },
  async cancel() {
    await opened().request('cancel', {});
  },
  async texts() {
    if (!result) throw new Error('The run has no result.');
    return { 'result.json': resultJson(result), 'runs.csv': runsCsv(result), 'surface.json': surfaceJson(result), ...(result.embedding && 'map' in result.embedding ? { 'embedding.csv': embeddingCsv(result.embedding) } : {}), ...(result.scaling ? { 'layers.csv': layersCsv(result.scaling) } : {}) };
  },
  async prior() {
    return (await opened().request('exportPrior', {})).bytes;
  },
  async bundle(config) {
    return (await opened().request('exportBundle', { config, images: false })).bytes;
  },
  async solutions() {
    return (result?.arms ?? []).filter(({ test }) => Number.isFinite(test.nll)).map(({ arm, seed }) => ({ arm, seed }));
  },
  async model(of) {
    const file = await opened().request('exportModel', { ...of, format: 'safetensors', samples: null });
    if (!file) throw new Error('The network could not be read.');
    return file.bytes;
  },
};

window.priorscape = async (call: Call, argument: unknown) => {
  try {
    // The command line pairs call and argument by their types (headless/browser-lab.ts).
    return { value: await (lab[call] as (argument: unknown) => Promise<unknown>)(argument) };
  } catch (error) {
    return { fault: toFault(error) };
  }
};
