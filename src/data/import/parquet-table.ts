/**
 * A Parquet file as a table: footer and schema, the columns that hold one value a row, and their values row group by row group. The file is read by
 * ranges and may be on another machine; what its footer claims is checked before hyparquet reads it.
 */
import { parquetMetadata, parquetSchema, type FileMetaData, type SchemaTree } from 'hyparquet';
import { LabError } from '../../core/errors.ts';
import type { Part } from './contract.ts';
import { fault, mib, MIB, room } from './limits.ts';
import { cells, type Cell } from './parquet-pages.ts';
import { thriftEnd } from './thrift-check.ts';

/** A file that is read by ranges: a Given's slices, or a server's. */
export interface ParquetSource {
  /** As errors name it. */
  name: string;
  part: Part | null;
  byteLength: number;
  slice(from: number, to: number): Promise<Uint8Array<ArrayBuffer> | ArrayBuffer>;
}

export interface Leaf {
  /** Index of the column chunk in a row group. */
  index: number;
  depth: number;
  type: string;
  /** As a column of the table; the image's bytes may be a field of it. */
  column: string;
  text: boolean;
}

export interface Table {
  source: ParquetSource;
  metadata: FileMetaData;
  leaves: Leaf[];
}

export interface Group {
  table: Table;
  index: number;
  rows: number;
}

const FOOTER = 512 * 1024;
const MAX_METADATA = 64 * MIB;

/** Footer and schema, checked before hyparquet reads them. */
export async function openTable(source: ParquetSource): Promise<Table> {
  const { name, byteLength: size } = source;
  const broken = (cause?: unknown): LabError => fault(`${name} is a damaged or truncated Parquet file; fetch it again.`, cause);
  if (size < 12) throw broken();
  const tail = await bytesAt(source, Math.max(0, size - FOOTER), size);
  const length = new DataView(tail.buffer, tail.byteOffset).getUint32(tail.length - 8, true);
  if (String.fromCharCode(...tail.subarray(-4)) !== 'PAR1' || length > size - 12) throw broken();
  if (length > MAX_METADATA) throw fault(`${name} has ${mib(length)} of metadata; at most ${mib(MAX_METADATA)} can be read.`);
  const footer = length + 8 <= tail.length ? tail.subarray(tail.length - 8 - length) : await bytesAt(source, size - 8 - length, size);
  try {
    thriftEnd(footer);
    const metadata = parquetMetadata(footer, { geoparquet: false });
    const leaves = leavesOf(parquetSchema(metadata));
    for (const { num_rows: rows, columns } of metadata.row_groups) {
      if (!(rows >= 0n && rows < 2n ** 31n) || columns.length < leaves.reduce((most, { index }) => Math.max(most, index + 1), 0)) throw new RangeError('row groups');
    }
    // An image takes a byte at least; rows beyond that are claimed, not written.
    if (metadata.row_groups.reduce((sum, { num_rows: rows }) => sum + Number(rows), 0) > size) throw new RangeError('more rows than bytes');
    return { source, metadata, leaves };
  } catch (error) {
    throw broken(error);
  }
}

/** Columns that hold one value a row: of the table itself, or the `bytes` field of an image. */
function leavesOf(root: SchemaTree): Leaf[] {
  const leaves: Leaf[] = [];
  let index = 0;
  const walk = (node: SchemaTree, depth: number, repeated: boolean): void => {
    const { element, children, path } = node;
    const optional = depth + (element.repetition_type === 'OPTIONAL' ? 1 : 0);
    const many = repeated || element.repetition_type === 'REPEATED';
    if (children.length > 0) {
      for (const child of children) walk(child, optional, many);
      return;
    }
    const text = element.converted_type === 'UTF8' || element.logical_type?.type === 'STRING';
    if (!many && element.type && (path.length === 1 || (path.length === 2 && path[1] === 'bytes'))) leaves.push({ index, depth: optional, type: element.type, column: path[0]!, text });
    index++;
  };
  for (const child of root.children) walk(child, 0, false);
  return leaves;
}

/** Values of one column in a row group; the chunk is read whole, its pages one after another. */
export async function* column({ table, index, rows }: Group, leaf: Leaf): AsyncGenerator<Cell, void> {
  const { source, metadata } = table;
  const meta = metadata.row_groups[index]!.columns[leaf.index]!.meta_data;
  const broken = (cause?: unknown): LabError => fault(`${source.name} is damaged: the column “${leaf.column}” of its row group ${index + 1} cannot be read${cause instanceof RangeError ? ` (${cause.message})` : ''}.`, cause);
  if (!meta) throw broken();
  const from = Number(meta.dictionary_page_offset && meta.dictionary_page_offset > 0n ? meta.dictionary_page_offset : meta.data_page_offset);
  const size = Number(meta.total_compressed_size);
  if (!(from >= 4 && size >= 0 && from + size <= source.byteLength)) throw broken();
  const chunk = await bytesAt(source, from, from + room(size, `A row group of ${source.name}`, 'write the file with smaller row groups'));
  try {
    yield* cells(chunk, { meta, depth: leaf.depth, rows });
  } catch (error) {
    throw error instanceof LabError ? error : broken(error);
  }
}

async function bytesAt(source: ParquetSource, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
  const got = await source.slice(from, to);
  const bytes = got instanceof Uint8Array ? got : new Uint8Array(got);
  if (bytes.length < to - from) throw fault(`${source.name} is truncated: bytes ${from} to ${to} are not all there; fetch it again.`);
  return bytes;
}

/** What the Hub's `huggingface` metadata says of columns: which are images, and the names of classes. */
export function featuresOf(metadata: FileMetaData): { images: Set<string>; names: Map<string, string[]> } {
  const images = new Set<string>();
  const names = new Map<string, string[]>();
  try {
    const told = JSON.parse(metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value ?? '{}') as { info?: { features?: Record<string, { _type?: unknown; names?: unknown } | null> } };
    for (const [column, feature] of Object.entries(told.info?.features ?? {})) {
      if (feature?._type === 'Image') images.add(column);
      if (feature?._type === 'ClassLabel' && Array.isArray(feature.names)) names.set(column, feature.names.map(String));
    }
  } catch {
    // Metadata that is not JSON says nothing; the columns speak for themselves.
  }
  return { images, names };
}
