/** Panel 7: the comparison at each value of one setting, by default how much every arm gains from more labels. */
import { Button } from '@mantine/core';
import { IconDownload, IconPlayerPlay } from '@tabler/icons-react';
import { lazy, memo, Suspense, useId } from 'react';
import { studyFiles } from '../../storage/study-exports.ts';
import { saveText } from '../charts/save.ts';
import { useLab, useSlice } from '../context.ts';
import { fileName } from '../figures.ts';
import { duration } from '../remaining.ts';
import { blockedBy } from '../run/words.ts';
import { StudyControls, StudyFold } from '../study/StudyControls.tsx';
import { studySize } from '../study/size.ts';
import { Explain } from './Explain.tsx';
import { EXPLANATIONS } from './explanations.ts';
import { Waiting } from './Panel.tsx';

const StudyView = lazy(() => import('../study/StudyView.tsx').then((module) => ({ default: module.StudyView })));

export const StudyPanel = memo(function StudyPanel() {
  const id = useId();
  const study = useSlice((state) => state.study.study);
  const running = useSlice((state) => state.study.running);
  const axis = useSlice((state) => state.study.study?.axis.key ?? state.settings.config['study.axis']);
  const title = axis === 'downstream.n' ? 'Data efficiency' : 'Study';
  return (
    <section className="panel panel-study" id="study" aria-labelledby={id}>
      <header className="panel-head">
        <span className="panel-number" aria-hidden="true">7</span>
        <h2 id={id}>{title}</h2>
        <span className="panel-status" data-state={running ? 'running' : ''}>{running ? 'running' : study ? (study.finished ? 'done' : 'stopped') : ''}</span>
        <div className="panel-actions">{study && <Files />}</div>
        <Explain title={title} explanation={EXPLANATIONS.study} />
      </header>
      <StudyLine />
      <div className="panel-body">
        <StudyControls action={<Start />} />
        <div className="chart-place" style={{ minHeight: study ? 560 : 200 }}>
          {study && study.cells.length > 0
            ? <Suspense fallback={<Waiting height={560}>Drawing the curves</Waiting>}><StudyView study={study} /></Suspense>
            : <Waiting height={200}>{running ? <Label /> : 'Every arm’s test accuracy, NLL and calibration against the number of labels, with intervals and single seeds; paired verdicts at each number; and how many labels a prior saves. Choose what to vary, then press Run study.'}</Waiting>}
        </div>
      </div>
      <p className={study ? 'panel-sentence' : 'panel-sentence promise'} aria-live="polite">{study?.sentence ?? 'How many labels a prior saves, if any, will be said here.'}</p>
      <StudyFold />
    </section>
  );
});

function Label() {
  return useSlice((state) => state.study.progress?.label ?? 'Starting');
}

function StudyLine() {
  const share = useSlice(({ study: { study, running, progress } }) => (running ? (progress ? Math.round((100 * progress.done) / Math.max(1e-9, progress.total)) / 100 : 0) : study?.finished ? 1 : 0));
  return <div className="panel-line" aria-hidden="true"><span style={{ transform: `scaleX(${share})` }} /></div>;
}

function Start() {
  const lab = useLab();
  const phase = useSlice((state) => state.phase);
  const running = useSlice((state) => state.study.running);
  const blocked = useSlice(blockedBy);
  const stopped = useSlice((state) => state.study.study !== null && !state.study.study.finished);
  const told = useSlice((state) => {
    if (state.study.running) {
      const { progress } = state.study;
      return progress?.secondsLeft == null ? 'estimating the time…' : `about ${duration(progress.secondsLeft)} left`;
    }
    if (state.phase !== 'idle') return 'A run is on; a study can begin when it has ended.';
    const { words, seconds } = studySize(state.settings.config, state.picture.result);
    return seconds === null ? words : `${words}, about ${duration(seconds)}`;
  });
  return (
    <div className="study-start">
      {running
        ? (
          <>
            <Button size="xs" disabled={phase === 'cancelling'} onClick={() => (phase === 'paused' ? lab.resume() : lab.pause())}>{phase === 'paused' ? 'Resume' : 'Pause'}</Button>
            <Button size="xs" variant="default" disabled={phase === 'cancelling'} onClick={() => lab.cancel()}>{phase === 'cancelling' ? 'Stopping…' : 'Cancel'}</Button>
          </>
        )
        : <Button size="xs" leftSection={<IconPlayerPlay size={14} aria-hidden />} disabled={phase !== 'idle' || blocked !== null} title={blocked ?? undefined} onClick={() => void lab.runStudy()}>{stopped ? 'Go on' : 'Run study'}</Button>}
      <span className="study-told">{told}</span>
    </div>
  );
}

function Files() {
  const study = useSlice((state) => state.study.study);
  const name = useSlice((state) => state.settings.config.name);
  const endings = ['study.json', 'study-curves.csv', 'study-runs.csv'] as const;
  return endings.map((ending) => (
    <Button
      key={ending} size="compact-xs" variant="default" leftSection={<IconDownload size={13} aria-hidden />} title={`Save ${ending}`}
      onClick={() => study && saveText(studyFiles(study)[ending], `${fileName(name)}-${ending}`, ending.endsWith('.json') ? 'application/json' : 'text/csv')}
    >
      {ending}
    </Button>
  ));
}
