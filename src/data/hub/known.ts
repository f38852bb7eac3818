/**
 * Small sets that the field compares on, one click each: where the Hub has them, what they may be used for, whom to cite, and the size that is proposed.
 * Licences are those of the data, where their authors say one, not those of a copy.
 */
import type { HubAddress } from './address.ts';

export interface KnownSet {
  /** As it is called, and in lists. */
  name: string;
  /** What is in it, in a few words. */
  words: string;
  address: HubAddress;
  licence: string;
  citation: string;
  /** Proposed: pixels a side, and grey or colour. */
  size: number;
  channels: 1 | 3;
  /** Answers to questions that its columns raise, as a reader of Parquet asks them. */
  answers: Record<string, string>;
}

const all = (id: string, more: Partial<HubAddress> = {}): HubAddress => ({ id, config: null, splits: [], rows: 0, ...more });

export const KNOWN: readonly KnownSet[] = [
  {
    name: 'MNIST', words: '70,000 handwritten digits', address: all('ylecun/mnist'), size: 28, channels: 1, answers: {},
    licence: 'CC BY-SA 3.0 (Y. LeCun, C. Cortes)', citation: 'LeCun, Bottou, Bengio, Haffner 1998, Gradient-based learning applied to document recognition',
  },
  {
    name: 'Fashion-MNIST', words: '70,000 pictures of clothes', address: all('zalando-datasets/fashion_mnist'), size: 28, channels: 1, answers: {},
    licence: 'MIT (Zalando SE)', citation: 'Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747',
  },
  {
    name: 'KMNIST', words: '70,000 cursive Japanese characters', address: all('tanganke/kmnist'), size: 28, channels: 1, answers: {},
    licence: 'CC BY-SA 4.0 (ROIS-DS Center for Open Data in the Humanities)', citation: 'Clanuwat et al. 2018, arXiv:1812.01718',
  },
  {
    name: 'EMNIST letters', words: '26 handwritten letters; stored mirrored and turned, as EMNIST is', address: all('tanganke/emnist_letters', { rows: 40_000 }), size: 28, channels: 1, answers: {},
    licence: 'NIST Special Database 19, public domain in the USA', citation: 'Cohen, Afshar, Tapson, van Schaik 2017, arXiv:1702.05373',
  },
  {
    name: 'CIFAR-10', words: '60,000 photographs, 10 classes', address: all('uoft-cs/cifar10', { rows: 20_000 }), size: 32, channels: 3, answers: {},
    licence: 'None stated by the authors; for research', citation: 'Krizhevsky 2009, Learning multiple layers of features from tiny images',
  },
  {
    name: 'CIFAR-100', words: '60,000 photographs, 100 classes', address: all('uoft-cs/cifar100', { rows: 20_000 }), size: 32, channels: 3, answers: { labels: 'fine_label' },
    licence: 'None stated by the authors; for research', citation: 'Krizhevsky 2009, Learning multiple layers of features from tiny images',
  },
  {
    name: 'SVHN', words: 'house numbers in street photographs, cropped to digits', address: all('ufldl-stanford/svhn', { config: 'cropped_digits', splits: ['train', 'test'], rows: 20_000 }), size: 32, channels: 3, answers: {},
    licence: 'For non-commercial use only', citation: 'Netzer et al. 2011, Reading digits in natural images with unsupervised feature learning',
  },
  {
    name: 'Oxford-IIIT Pets', words: 'cats and dogs of 37 breeds', address: all('timm/oxford-iiit-pet'), size: 64, channels: 3, answers: { labels: 'label' },
    licence: 'CC BY-SA 4.0', citation: 'Parkhi, Vedaldi, Zisserman, Jawahar 2012, Cats and dogs',
  },
  {
    name: 'Flowers-102', words: 'flowers of 102 kinds', address: all('nelorth/oxford-flowers'), size: 64, channels: 3, answers: {},
    licence: 'None stated by the authors; for research', citation: 'Nilsback, Zisserman 2008, Automated flower classification over a large number of classes',
  },
  {
    name: 'EuroSAT', words: 'satellite images of land, 10 classes', address: all('blanchon/EuroSAT_RGB'), size: 64, channels: 3, answers: {},
    licence: 'MIT; Copernicus Sentinel data', citation: 'Helber, Bischke, Dengel, Borth 2019, arXiv:1709.00029',
  },
];

/** The known set with this id; null for another. */
export function knownSet(id: string): KnownSet | null {
  return KNOWN.find(({ address }) => address.id === id) ?? null;
}
