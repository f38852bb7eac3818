/** A stand-in for the Hub in tests: a local server with Parquet files of small images, which can refuse, be slow, know no ranges or cut its files short. */
import { encode } from 'fast-png';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Stream } from '../../core/philox.ts';

/** Rows of a Parquet file as the Hub writes images: struct<bytes, path> and a ClassLabel. */
export interface HubImages {
  height: number;
  width: number;
  channels: 1 | 3;
  /** uint8 [height, width, channels] and label of each row. */
  rows: { pixels: Uint8Array; label: number }[];
  classNames: string[];
}

/** Bytes of a Parquet file with an `image` column of PNG files. */
export function imageParquet({ height, width, channels, rows, classNames }: HubImages, rowGroupSize = 100): Uint8Array<ArrayBuffer> {
  const kvMetadata = [{
    key: 'huggingface',
    value: JSON.stringify({ info: { features: { image: { _type: 'Image' }, label: { names: classNames, _type: 'ClassLabel' } } } }),
  }];
  return new Uint8Array(parquetWriteBuffer({
    schema: [
      { name: 'root', num_children: 2 },
      { name: 'image', repetition_type: 'OPTIONAL', num_children: 2 },
      { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
      { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      { name: 'label', type: 'INT64', repetition_type: 'OPTIONAL' },
    ],
    columnData: [
      { name: 'image', data: rows.map(({ pixels }, i) => ({ bytes: encode({ width, height, data: pixels, channels, depth: 8 }), path: `${i}.png` })) },
      { name: 'label', data: rows.map(({ label }) => BigInt(label)) },
    ],
    rowGroupSize, kvMetadata,
  }));
}

/** Images that a small network can tell apart: class c is a bright bar at its own place, over noise. */
export function barImages(count: number, { classes = 4, size = 12, channels = 1 as 1 | 3, seed = 0 } = {}): HubImages {
  const stream = new Stream(seed, 'subset', 7);
  const rows = Array.from({ length: count }, (_, i) => {
    const label = i % classes;
    const pixels = new Uint8Array(size * size * channels);
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const bar = Math.floor((y * classes) / size) === label;
        for (let c = 0; c < channels; c++) pixels[(y * size + x) * channels + c] = (bar ? 150 : 20) + stream.integer(80);
      }
    }
    return { pixels, label };
  });
  return { height: size, width: size, channels, rows, classNames: Array.from({ length: classes }, (_, c) => `bar ${c}`) };
}

export interface StandInSet {
  /** config → split → files. */
  configs: Record<string, Record<string, Uint8Array[]>>;
  licence?: string;
}

/** How the stand-in behaves; may be changed while it runs. */
export interface Manners {
  /** Answers every request for a file like this; null: as asked. */
  refuse: { status: number; headers?: Record<string, string>; times?: number } | null;
  ranges: boolean;
  /** Hides `Content-Range` from pages of another origin. */
  hideRange: boolean;
  /** Before an answer, ms. */
  delay: number;
  /** Bytes of a piece that are sent before the connection breaks; null: all. */
  breakAfter: number | null;
}

export class StandInHub {
  readonly manners: Manners = { refuse: null, ranges: true, hideRange: false, delay: 0, breakAfter: null };
  /** Requests so far, `METHOD path range`. */
  readonly log: string[] = [];
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #sets: Record<string, StandInSet>;

  private constructor(sets: Record<string, StandInSet>) {
    this.#sets = sets;
  }

  static async start(sets: Record<string, StandInSet>): Promise<StandInHub> {
    const hub = new StandInHub(sets);
    await new Promise<void>((resolve) => hub.#server.listen(0, '127.0.0.1', resolve));
    return hub;
  }

  get url(): string {
    const address = this.#server.address();
    return typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '';
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    const range = request.headers.range ?? '';
    this.log.push(`${method} ${url} ${range}`.trim());
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Allow-Headers', 'range');
    response.setHeader('Access-Control-Expose-Headers', `X-Error-Code, Retry-After${this.manners.hideRange ? '' : ', Content-Range'}`);
    if (method === 'OPTIONS') return void response.writeHead(204).end();
    if (this.manners.delay > 0) await new Promise((resolve) => setTimeout(resolve, this.manners.delay));
    const { refuse } = this.manners;
    if (refuse && (refuse.times === undefined || refuse.times-- > 0)) return void response.writeHead(refuse.status, refuse.headers).end('refused');
    const path = decodeURIComponent(url).replace(/^\/api\/datasets\//, '');
    const id = Object.keys(this.#sets).find((name) => path === name || path.startsWith(`${name}/`));
    if (id === undefined) return void response.writeHead(401, { 'X-Error-Code': 'RepoNotFound' }).end('{"error":"Invalid username or password."}');
    const { configs, licence } = this.#sets[id]!;
    const [first, config, split, file] = path.slice(id.length + 1).split('/');
    if (!first) return json(response, { id, cardData: licence === undefined ? {} : { license: licence } });
    if (first !== 'parquet') return void response.writeHead(404).end();
    if (config === undefined) {
      // The Hub itself names its own address, whoever asks.
      return json(response, Object.fromEntries(Object.entries(configs).map(([name, splits]) => [name, Object.fromEntries(Object.entries(splits).map(([part, files]) => [
        part, files.map((_, i) => `https://huggingface.co/api/datasets/${id}/parquet/${name}/${part}/${i}.parquet`),
      ]))])));
    }
    const bytes = configs[config]?.[split ?? '']?.[parseInt(file ?? '', 10)];
    if (!bytes) return void response.writeHead(404).end();
    this.#file(response, bytes, range, method === 'HEAD');
  }

  #file(response: ServerResponse, bytes: Uint8Array, range: string, head: boolean): void {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
    const ranged = this.manners.ranges && from !== undefined && to !== undefined;
    const piece = ranged ? bytes.subarray(Number(from), Number(to) + 1) : bytes;
    if (ranged) response.setHeader('Content-Range', `bytes ${from}-${to}/${bytes.byteLength}`);
    response.writeHead(ranged ? 206 : 200, { 'Content-Length': piece.byteLength });
    if (head) response.end();
    else if (this.manners.breakAfter !== null && piece.byteLength > this.manners.breakAfter) response.write(piece.subarray(0, this.manners.breakAfter), () => response.destroy());
    else response.end(piece);
  }
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}
