/**
 * The one error type a visitor may meet. Its message is a single sentence that names what is wrong and what to do;
 * its kind tells the page which way on to offer.
 */
export type FaultKind =
  | 'config' // a setting or a config file
  | 'data' // a data set
  | 'file' // a prior file
  | 'device' // no adapter, device lost, shader rejected
  | 'memory' // does not fit
  | 'divergence'; // every chain of a stage became non-finite

export class LabError extends Error {
  readonly kind: FaultKind;
  constructor(kind: FaultKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LabError';
    this.kind = kind;
  }
}

/** What crosses a worker boundary in place of an Error (structured clone drops subclasses). */
export interface Fault {
  kind: FaultKind | 'internal';
  message: string;
}

export function toFault(error: unknown): Fault {
  if (error instanceof LabError) return { kind: error.kind, message: error.message };
  return { kind: 'internal', message: error instanceof Error ? error.message : String(error) };
}

export function fromFault(fault: Fault): Error {
  return fault.kind === 'internal' ? new Error(fault.message) : new LabError(fault.kind, fault.message);
}
