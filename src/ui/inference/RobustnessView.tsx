/** Does it hold up: predictions on damaged images, what uncertainty says of unknown inputs, and where predictors disagree. */
import { memo, useMemo, useState } from 'react';
import type { Followed, Robustness } from '../../experiment/robustness/robustness-result.ts';
import { predictorInks, predictorsOf } from './predictors.ts';
import { RobustnessDisputed } from './RobustnessDisputed.tsx';
import { RobustnessFigure } from './RobustnessFigure.tsx';
import { RobustnessOutside } from './RobustnessOutside.tsx';
import { RobustnessTable } from './RobustnessTable.tsx';

export const RobustnessView = memo(function RobustnessView({ robustness }: { robustness: Robustness }) {
  const [metric, setMetric] = useState<Followed>('nll');
  const inks = useMemo(() => predictorInks(predictorsOf(robustness.curves)), [robustness]);
  return (
    <>
      <RobustnessFigure robustness={robustness} metric={metric} onMetric={setMetric} inks={inks} />
      <RobustnessTable robustness={robustness} metric={metric} />
      <RobustnessOutside robustness={robustness} />
      {robustness.disputed.images.length > 0 && <RobustnessDisputed disputed={robustness.disputed} />}
    </>
  );
});
