/**
 * What a comparison says of single classes where every pixel has one: `result.json` holds this as `segmentation`. All of it is of test pixels, void left out, and of
 * the chosen run of each arm and seed. Mean IoU, pixel accuracy, NLL and ECE stand among the metrics of `arms` (measure/metrics.ts).
 */
import { interval95, type Interval } from '../../core/statistics.ts';
import type { Dataset } from '../../data/dataset.ts';
import { intersectionOverUnion } from '../../measure/confusion.ts';
import type { Arm } from '../../prior/prior.ts';

export interface Segmentation {
  classNames: string[];
  /** Of an image, in pixels. */
  height: number;
  width: number;
  arms: {
    arm: Arm;
    seed: number;
    /** [classes]: intersection over union; null for a class that no test image of this seed has. */
    iou: (number | null)[];
    /** [classes][classes]: pixels, truth by row, answer by column. */
    confusion: number[][];
  }[];
  /** Mean over the seeds that have the class. */
  classes: (Interval & { arm: Arm; className: string })[];
}

/** Of the chosen runs and their confusion matrices [classes · classes], in the same order. Pure. */
export function segmentationOf(
  solutions: readonly { arm: Arm; seed: number }[], confusions: readonly Float64Array[], { classNames, height, width }: Pick<Dataset, 'classNames' | 'height' | 'width'>,
): Segmentation {
  const classes = classNames.length;
  const arms = solutions.map(({ arm, seed }, i) => {
    const counts = confusions[i]!;
    return {
      arm, seed, iou: intersectionOverUnion(counts, classes).map((value) => (Number.isNaN(value) ? null : value)),
      confusion: Array.from({ length: classes }, (_, c) => Array.from(counts.subarray(c * classes, (c + 1) * classes))),
    };
  });
  return {
    classNames: [...classNames], height, width, arms,
    classes: [...new Set(arms.map(({ arm }) => arm))].flatMap((arm) => classNames.map((className, c) => {
      const { mean, ci95, seeds } = interval95(arms.filter((one) => one.arm === arm).map(({ iou }) => iou[c] ?? NaN));
      return { arm, className, mean, ci95, seeds };
    })),
  };
}
