/**
 * Architectures are data: a list of layers, from which the parameter table, the engines and the files are derived.
 * theta [D + H] holds the extractor's parameters first (w, D numbers), then the head's (h, H numbers); each tensor in
 * PyTorch's layout (conv OIHW, dense [out, in]) so that files need no transposition.
 */
export type Layer =
  /** `bias` false: a norm follows, which has its own. */
  | { kind: 'conv'; name: string; inputs: number; outputs: number; kernel: number; stride: number; padding: number; relu: boolean; bias: boolean;
      /** Pixels from tap to tap; absent: 1. */
      dilation?: number }
  | { kind: 'dense'; name: string; inputs: number; outputs: number; relu: boolean }
  /** Wu & He 2018: γ·(x − mean)/√(variance + ε) + β, moments over the positions and channels of a group of one image. */
  | { kind: 'group-norm'; name: string; channels: number; groups: number; relu: boolean }
  /** He et al. 2016: relu(body(x) + shortcut(x)); an empty shortcut is the identity. Parameters of the body come first. */
  | { kind: 'residual'; body: Layer[]; shortcut: Layer[] }
  /** Of a decoder: [relu](the sum of all branches), of equal shape. A branch reads what `from` layers of the extractor made of the image, or (null) what comes before; the first does the latter. */
  | { kind: 'merge'; branches: { from: number | null; layers: Layer[] }[]; relu: boolean }
  /** Bilinear to so many rows and columns, pixels as squares (PyTorch's align_corners=False); `upsample.ts`. */
  | { kind: 'upsample'; height: number; width: number }
  | { kind: 'global-average-pool' }
  | { kind: 'flatten' };

export type LayerOf<K extends Layer['kind']> = Extract<Layer, { kind: K }>;

/** ε of every group norm, PyTorch's own. */
export const NORM_EPSILON = 1e-5;

export interface Architecture {
  /** With widths, stem, input and classes this is enough to rebuild the network. */
  name: ArchitectureName;
  widths: number[];
  /** Stride of a ResNet's first convolution; only ResNets have one. */
  stem?: StemStride;
  input: { height: number; width: number; channels: number };
  classes: number;
  /** Everything before the head. A segmentation network's lacks the global average pool, so that w [D] is the very vector of the classifier's. */
  extractor: Layer[];
  /** The last dense layer, named 'head' (in a projection head otherwise); null for 'linear', whose single extractor layer gives the logits. */
  head: LayerOf<'dense'> | null;
  /** A hidden layer before `head` and, like it, part of h: that of a projection head (projection.ts). Classifiers have none. */
  hidden?: LayerOf<'dense'>;
  /** A segmentation network's h (segmentation.ts), in the place of a head, which is null: from the extractor's map to logits [H, W, classes]. */
  decoder?: Layer[];
}

export type ArchitectureName = 'convnet-s' | 'mlp' | 'linear' | 'resnet-8' | 'resnet-14';

export type StemStride = 1 | 2;

export interface ParameterEntry {
  /** As PyTorch would name it: 'conv1.weight', 'layer2.0.shortcut.1.bias', 'head.bias'. */
  name: string;
  shape: number[];
  /** Offset into theta, in numbers. */
  offset: number;
  size: number;
  part: 'extractor' | 'head';
  /** Inputs to one output unit (He initialisation uses it; biases carry their layer's). */
  fanIn: number;
  bias: boolean;
  /** γ of a norm, which starts at 1. */
  gain?: true;
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
