/**
 * Passes over one struct of Thrift's compact protocol without making anything of it: lists no longer than the bytes that are left, numbers of at most ten
 * bytes, depth of at most 32. hyparquet reads what has passed; by itself it trusts the lengths.
 */
const MAX_DEPTH = 32;

/** Bytes up to the struct's end. Throws RangeError on what no writer writes. */
export function thriftEnd(bytes: Uint8Array, from = 0): number {
  let at = from;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const varint = (): number => {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      const byte = view.getUint8(at++);
      value += (byte & 127) * 2 ** (7 * i);
      if (byte < 128) return value;
    }
    throw new RangeError('a number of more than ten bytes');
  };
  const skip = (length: number): void => {
    if (length > bytes.length - at) throw new RangeError('a length beyond the end');
    at += length;
  };
  const element = (type: number, inList: boolean, depth: number): void => {
    if (depth > MAX_DEPTH) throw new RangeError('nested too deeply');
    switch (type) {
      case 1: case 2: if (inList) skip(1); break;
      case 3: skip(1); break;
      case 4: case 5: case 6: varint(); break;
      case 7: skip(8); break;
      case 8: skip(varint()); break;
      case 9: {
        const head = view.getUint8(at++);
        const count = head >> 4 === 15 ? varint() : head >> 4;
        if (count > bytes.length - at) throw new RangeError('a list longer than the file');
        for (let i = 0; i < count; i++) element(head & 15, true, depth + 1);
        break;
      }
      case 12: struct(depth + 1); break;
      default: throw new RangeError(`a value of the type ${type}`);
    }
  };
  const struct = (depth: number): void => {
    for (;;) {
      const head = view.getUint8(at++);
      if ((head & 15) === 0) return;
      if (head >> 4 === 0) varint();
      element(head & 15, false, depth);
    }
  };
  struct(0);
  return at;
}
