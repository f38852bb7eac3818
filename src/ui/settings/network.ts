/** Words for a network and its sizes. */
import type { ArchitectureName, ParameterTable } from '../../model/architecture.ts';
import type { Size } from '../../model/size.ts';

export const NETWORK_LABEL: Record<ArchitectureName, string> = { 'convnet-s': 'ConvNet-S', 'resnet-8': 'ResNet-8', 'resnet-14': 'ResNet-14', mlp: 'MLP', linear: 'Linear' };

/** `23,296 parameters and 1,690 in the head`. */
export function countWords({ extractor, head }: Pick<ParameterTable, 'extractor' | 'head'>): string {
  return `${extractor.toLocaleString('en-GB')} parameters${head === 0 ? '' : ` and ${head.toLocaleString('en-GB')} in the head`}`;
}

/** `14×14×32`; what is no image any more, `64`. */
export function sizeWords({ height, width, channels }: Size): string {
  return height === 1 && width === 1 ? String(channels) : `${height}×${width}×${channels}`;
}
