/**
 * One column chunk of a Parquet file, a page at a time: data pages of version 1 and 2, values PLAIN or by dictionary, levels in the RLE and bit-packed hybrid
 * (https://parquet.apache.org/docs/file-format/data-pages/encodings/). hyparquet reads files that it trusts: a run's length or a page's size in a damaged file can
 * make it fill the memory; here every claim is held against the chunk first. Codecs and headers are hyparquet's.
 */
import { snappyUncompress, type ColumnMetaData } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressBrotli, decompressGzip, decompressLz4, decompressLz4Raw, decompressZstd } from 'hyparquet-compressors';
import { MIB } from './limits.ts';
import { thriftEnd } from './thrift-check.ts';

export type Cell = Uint8Array | number | null;

export interface Column {
  meta: ColumnMetaData;
  /** Optional fields on the way to the values: the level at which a value is there. */
  depth: number;
  rows: number;
}

const MAX_PAGE = 512 * MIB;
/** Times that a page of data hardly grows; larger ones must not be claimed by a few bytes. */
const MAX_RATIO = 2000;

/** Values of the chunk in its order, null where there is none. Throws RangeError on what does not fit together. */
export function* cells(chunk: Uint8Array, column: Column): Generator<Cell, void> {
  const { meta, depth, rows } = column;
  let dictionary: Cell[] | null = null;
  let left = rows;
  for (let at = 0; left > 0;) {
    const end = thriftEnd(chunk, at);
    const header = parquetHeader({ view: new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength), offset: at });
    const packed = chunk.subarray(end, end + sized(header.compressed_page_size, chunk.length - end));
    at = end + packed.length;
    const size = sized(header.uncompressed_page_size, MAX_PAGE);
    if (size > MIB && size > MAX_RATIO * packed.length) throw new RangeError(`a page of ${packed.length} bytes that claims ${size}`);
    if (header.type === 'DICTIONARY_PAGE') {
      const page = unpacked(packed, size, meta.codec);
      dictionary = plain(page, 0, sized(header.dictionary_page_header?.num_values, page.length), meta.type);
    } else if (header.type === 'DATA_PAGE' && header.data_page_header) {
      const { num_values: count, encoding } = header.data_page_header;
      const page = unpacked(packed, size, meta.codec);
      left -= sized(count, left);
      let start = 0;
      let levels: Uint32Array | null = null;
      if (depth > 0) {
        const length = sized(new DataView(page.buffer, page.byteOffset, page.byteLength).getUint32(0, true), page.length - 4);
        levels = hybrid(page.subarray(4, 4 + length), bits(depth), count);
        start = 4 + length;
      }
      yield* placed(page.subarray(start), { count, encoding, levels, depth, dictionary, type: meta.type });
    } else if (header.type === 'DATA_PAGE_V2' && header.data_page_header_v2) {
      const head = header.data_page_header_v2;
      left -= sized(head.num_values, left);
      if (head.repetition_levels_byte_length !== 0) throw new RangeError('repeated values');
      const length = sized(head.definition_levels_byte_length, Math.min(packed.length, size));
      const levels = depth > 0 ? hybrid(packed.subarray(0, length), bits(depth), head.num_values) : null;
      const body = packed.subarray(length);
      const page = head.is_compressed === false ? body : unpacked(body, size - length, meta.codec);
      yield* placed(page, { count: head.num_values, encoding: head.encoding, levels, depth, dictionary, type: meta.type });
    }
    // Index pages are passed over.
  }
}

/** A claimed length when it is one and no more than `most`. */
function sized(claim: number | undefined, most: number): number {
  if (claim === undefined || !Number.isInteger(claim) || claim < 0 || claim > most) throw new RangeError(`a length of ${claim ?? 'nothing'} where at most ${most} can be`);
  return claim;
}

const bits = (most: number): number => 32 - Math.clz32(most);

function unpacked(packed: Uint8Array, size: number, codec: ColumnMetaData['codec']): Uint8Array {
  const page = uncompressed(packed, size, codec);
  if (page.length !== size) throw new RangeError(`a page of ${page.length} bytes that claims ${size}`);
  return page;
}

function uncompressed(packed: Uint8Array, size: number, codec: ColumnMetaData['codec']): Uint8Array {
  if (size === 0) return new Uint8Array(0);
  switch (codec) {
    case 'UNCOMPRESSED': return packed;
    case 'SNAPPY': {
      const page = new Uint8Array(size);
      snappyUncompress(packed, page);
      return page;
    }
    case 'GZIP': return decompressGzip(packed, size);
    case 'ZSTD': return decompressZstd(packed, new Uint8Array(size));
    case 'BROTLI': return decompressBrotli(packed, size);
    case 'LZ4': return decompressLz4(packed, size);
    case 'LZ4_RAW': return decompressLz4Raw(packed, size);
    default: throw new RangeError(`the compression ${String(codec)}`);
  }
}

interface Page {
  count: number;
  encoding: string;
  levels: Uint32Array | null;
  depth: number;
  dictionary: Cell[] | null;
  type: ColumnMetaData['type'];
}

function* placed(values: Uint8Array, { count, encoding, levels, depth, dictionary, type }: Page): Generator<Cell, void> {
  let present = count;
  if (levels) {
    present = 0;
    for (const level of levels) if (level === depth) present++;
  }
  const read = valuesOf(values, encoding, present, dictionary, type);
  let next = 0;
  for (let i = 0; i < count; i++) yield levels && levels[i] !== depth ? null : read(next++);
}

function valuesOf(values: Uint8Array, encoding: string, count: number, dictionary: Cell[] | null, type: ColumnMetaData['type']): (i: number) => Cell {
  if (count === 0) return () => null;
  switch (encoding) {
    case 'PLAIN': {
      const all = plain(values, 0, count, type);
      return (i) => all[i]!;
    }
    case 'RLE_DICTIONARY': case 'PLAIN_DICTIONARY': {
      if (!dictionary) throw new RangeError('values by a dictionary that is not there');
      const indices = hybrid(values.subarray(1), sized(values[0], 32), count);
      for (const index of indices) if (index >= dictionary.length) throw new RangeError(`value ${index} of a dictionary of ${dictionary.length}`);
      return (i) => dictionary[indices[i]!]!;
    }
    case 'RLE': {
      const flags = hybrid(values.subarray(4), 1, count);
      return (i) => flags[i]!;
    }
    default: throw new RangeError(`the encoding ${encoding}`);
  }
}

/** Runs of repeated values and of bit-packed groups of eight: `count` numbers of `width` bits. */
function hybrid(bytes: Uint8Array, width: number, count: number): Uint32Array {
  const out = new Uint32Array(count);
  if (width === 0) return out;
  let at = 0;
  for (let i = 0; i < count;) {
    let head = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= bytes.length || shift > 28) throw new RangeError('a run that does not end');
      const byte = bytes[at++]!;
      head += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    const run = Math.floor(head / 2);
    if (run === 0) throw new RangeError('an empty run');
    if (head % 2 === 0) {
      let value = 0;
      const length = Math.ceil(width / 8);
      if (at + length > bytes.length) throw new RangeError('a run that does not end');
      for (let k = 0; k < length; k++) value += bytes[at++]! * 2 ** (8 * k);
      out.fill(value, i, Math.min(count, i + run));
      i += run;
    } else {
      const values = Math.min(8 * run, count - i);
      if (Math.ceil((values * width) / 8) > bytes.length - at) throw new RangeError('packed values that do not end');
      for (let k = 0; k < values; k++) out[i + k] = packedBits(bytes, at, k * width, width);
      at += run * width;
      i += values;
    }
  }
  return out;
}

function packedBits(bytes: Uint8Array, at: number, bit: number, width: number): number {
  let value = 0;
  for (let got = 0; got < width;) {
    const offset = (bit + got) & 7;
    const step = Math.min(8 - offset, width - got);
    value += ((bytes[at + ((bit + got) >> 3)]! >> offset) & ((1 << step) - 1)) * 2 ** got;
    got += step;
  }
  return value;
}

function plain(bytes: Uint8Array, from: number, count: number, type: ColumnMetaData['type']): Cell[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = type === 'INT32' || type === 'BYTE_ARRAY' ? 4 : 8;
  if (count > (type === 'BOOLEAN' ? 8 * bytes.length : bytes.length / width)) throw new RangeError(`${count} values in ${bytes.length} bytes`);
  const out: Cell[] = [];
  for (let i = 0, at = from; i < count; i++) {
    switch (type) {
      case 'INT32': out.push(view.getInt32(at, true)); at += 4; break;
      case 'INT64': out.push(Number(view.getBigInt64(at, true))); at += 8; break;
      case 'BOOLEAN': out.push((bytes[i >> 3]! >> (i & 7)) & 1); break;
      case 'BYTE_ARRAY': {
        const length = sized(view.getUint32(at, true), bytes.length - at - 4);
        out.push(bytes.subarray(at + 4, at + 4 + length));
        at += 4 + length;
        break;
      }
      default: throw new RangeError(`values of the type ${type}`);
    }
  }
  return out;
}
