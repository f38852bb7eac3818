/** A study as far as it has come: curves, then the same in numbers with verdicts. */
import { useState } from 'react';
import type { Metric } from '../../experiment/result.ts';
import type { Study } from '../../experiment/study/study-result.ts';
import { CurveChart } from './CurveChart.tsx';
import { StudyTable } from './StudyTable.tsx';

export function StudyView({ study }: { study: Study }) {
  const [wanted, setMetric] = useState<Metric>('nll');
  // The study before may have had others.
  const metric = study.curves.some((point) => point.metric === wanted) ? wanted : 'nll';
  return (
    <div style={{ display: 'grid', gap: 22, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <CurveChart study={study} metric={metric} onMetric={setMetric} />
      <StudyTable study={study} metric={metric} />
    </div>
  );
}
