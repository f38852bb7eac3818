/** The metrics one can switch between, and how each is written. Pure. */
import type { Prediction, PredictionSummary } from '../../experiment/inference/inference-result.ts';
import { type Metric, lowerIsBetter, metricsIn, valueOf as metricOf } from '../../measure/metrics.ts';

export type Quantity = PredictionSummary['metric'];

interface Written {
  label: string;
  /** In the switch. */
  short: string;
  unit: string;
  digits: number;
  /** What is measured, times this, is what is written. */
  factor: number;
}

export const QUANTITIES: Record<Quantity, Written> = {
  meanIoU: { label: 'Mean IoU', short: 'mIoU', unit: '%', digits: 1, factor: 100 },
  nll: { label: 'NLL', short: 'NLL', unit: 'nats', digits: 3, factor: 1 },
  accuracy: { label: 'Accuracy', short: 'Accuracy', unit: '%', digits: 1, factor: 100 },
  ece: { label: 'ECE', short: 'ECE', unit: '0 to 1', digits: 3, factor: 1 },
  brier: { label: 'Brier score', short: 'Brier', unit: '0 to 2', digits: 3, factor: 1 },
  scaledNll: { label: 'NLL after temperature scaling', short: 'Scaled NLL', unit: 'nats', digits: 3, factor: 1 },
};

/** In the order of the switch. */
const QUANTITY_NAMES = ['nll', 'accuracy', 'ece', 'brier', 'scaledNll'] as const satisfies readonly Quantity[];
const PIXEL_QUANTITY_NAMES = ['nll', 'meanIoU', 'accuracy', 'ece', 'scaledNll'] as const satisfies readonly Quantity[];

/** What these predictions can be switched between. */
export function quantitiesIn(predictions: readonly Prediction[]): readonly Quantity[] {
  return metricsIn(predictions.map(({ test }) => test)).includes('meanIoU') ? PIXEL_QUANTITY_NAMES : QUANTITY_NAMES;
}

export function isQuantity(name: string): name is Quantity {
  return name in QUANTITIES;
}

/** Inside a title: abbreviations and names keep their capitals. */
export function inTitle(quantity: Quantity): string {
  const { label } = QUANTITIES[quantity];
  return quantity === 'accuracy' ? label.toLowerCase() : label;
}

export function betterWhenLower(quantity: Quantity): boolean {
  return quantity === 'scaledNll' || lowerIsBetter(quantity);
}

/** On test, as it was measured. */
export function valueOf({ test, scaled }: Prediction, quantity: Quantity): number {
  return quantity === 'scaledNll' ? scaled.nll : metricOf(test, quantity);
}

/** What is known of the average of the first m networks: a temperature is fitted to the whole average only. */
export function curveMetric(quantity: Quantity): Metric {
  return quantity === 'scaledNll' ? 'nll' : quantity;
}
