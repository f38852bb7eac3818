/**
 * Architectures are data: a list of layers, from which the parameter table, the engines and the files are derived.
 * theta [D + H] holds the extractor's parameters first (w, D numbers), then the head's (h, H numbers); each tensor in
 * PyTorch's layout (conv OIHW, dense [out, in]) so that files need no transposition.
 */
export type Layer =
  | { kind: 'conv'; name: string; inputs: number; outputs: number; kernel: number; stride: number; padding: number; relu: boolean }
  | { kind: 'dense'; name: string; inputs: number; outputs: number; relu: boolean }
  | { kind: 'global-average-pool' }
  | { kind: 'flatten' };

export interface Architecture {
  /** 'convnet-s' | 'mlp' | 'linear': with widths, input and classes this is enough to rebuild the network. */
  name: ArchitectureName;
  widths: number[];
  input: { height: number; width: number; channels: number };
  classes: number;
  /** Everything before the head. */
  extractor: Layer[];
  /** The last dense layer, named 'head'; null for 'linear', whose single extractor layer gives the logits. */
  head: Extract<Layer, { kind: 'dense' }> | null;
}

export type ArchitectureName = 'convnet-s' | 'mlp' | 'linear';

export interface ParameterEntry {
  /** As PyTorch would name it: 'conv1.weight', 'head.bias'. */
  name: string;
  shape: number[];
  /** Offset into theta, in numbers. */
  offset: number;
  size: number;
  part: 'extractor' | 'head';
  /** Inputs to one output unit (He initialisation uses it; biases carry their layer's). */
  fanIn: number;
  bias: boolean;
}

export interface ParameterTable {
  entries: ParameterEntry[];
  /** D: numbers in the extractor. */
  extractor: number;
  /** H: numbers in the head. */
  head: number;
  /** D + H. */
  total: number;
}
