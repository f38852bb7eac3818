import { describe, expect, it } from 'vitest';
import { fromFault, LabError, toFault } from './errors.ts';

describe('faults', () => {
  it('cross a boundary with kind and message', () => {
    const back = fromFault(structuredClone(toFault(new LabError('file', 'It is truncated.'))));
    expect(back).toBeInstanceOf(LabError);
    expect(back).toMatchObject({ kind: 'file', message: 'It is truncated.', name: 'LabError' });
  });
  it('keep what is no LabError apart', () => {
    const back = fromFault(toFault(new TypeError('x is undefined')));
    expect(back).not.toBeInstanceOf(LabError);
    expect(back.message).toBe('x is undefined');
    expect(toFault('text')).toEqual({ kind: 'internal', message: 'text' });
  });
});
