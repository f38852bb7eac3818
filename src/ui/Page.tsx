/** The page: run bar, then the story in the order in which it happens. */
import { useEffect } from 'react';
import { ImportDialog } from './data/ImportDialog.tsx';
import { NewVersion } from './NewVersion.tsx';
import { BeliefsPanel } from './beliefs/BeliefsPanel.tsx';
import { DownstreamPanel } from './panels/DownstreamPanel.tsx';
import { InferencePanel } from './panels/InferencePanel.tsx';
import { fetchCharts } from './panels/live-charts.ts';
import { PosteriorPanel } from './panels/PosteriorPanel.tsx';
import { SourcePanel } from './panels/SourcePanel.tsx';
import { StudyPanel } from './panels/StudyPanel.tsx';
import { SurfacePanel } from './panels/SurfacePanel.tsx';
import { VerdictPanel } from './panels/VerdictPanel.tsx';
import { RunBar } from './run/RunBar.tsx';
import { StartDialog } from './weights/StartDialog.tsx';

export function Page() {
  useEffect(() => {
    const timer = setTimeout(fetchCharts, 1000);
    return () => clearTimeout(timer);
  }, []);
  return (
    <>
      <a className="skip" href="#story">Skip to the experiment</a>
      <RunBar />
      <main id="story" tabIndex={-1}>
        <SourcePanel />
        <PosteriorPanel />
        <BeliefsPanel />
        <DownstreamPanel />
        <VerdictPanel />
        <SurfacePanel />
        <InferencePanel />
        <StudyPanel />
      </main>
      <footer className="colophon">
        Everything is computed in this tab; nothing leaves your machine. After{' '}
        <a href="https://arxiv.org/abs/2205.10279" target="_blank" rel="noreferrer">Pre-Train Your Loss</a> (2022) and{' '}
        <a href="https://arxiv.org/abs/2405.15583" target="_blank" rel="noreferrer">Simple Baselines Better than Previously Reported</a> (2024).
      </footer>
      <ImportDialog />
      <StartDialog />
      <NewVersion />
    </>
  );
}
