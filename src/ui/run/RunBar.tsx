/** The bar on top: what runs, how far it is, on what device; on a phone its controls stand at the bottom of the screen. */
import { memo } from 'react';
import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconMoon, IconSun } from '@tabler/icons-react';
import { Controls } from './Controls.tsx';
import { CopyLink } from './CopyLink.tsx';
import { DeviceBadge } from './DeviceBadge.tsx';
import { ExperimentName, PresetSelect, SeedsField } from './Choices.tsx';
import { HistoryButton } from '../history/HistoryButton.tsx';
import { StageStrip } from './StageStrip.tsx';
import { StatusLine } from './StatusLine.tsx';

export const RunBar = memo(function RunBar() {
  return (
    <header className="bar">
      <div className="bar-row">
        <h1 className="wordmark"><Mark />Priorscape</h1>
        <ExperimentName />
        <div className="bar-choices"><PresetSelect /><SeedsField /></div>
        <div className="bar-run" role="group" aria-label="Run the experiment"><Controls /></div>
        <div className="bar-right"><DeviceBadge /><HistoryButton /><CopyLink /><SchemeToggle /></div>
      </div>
      <div className="bar-status">
        <StatusLine />
        <StageStrip />
      </div>
    </header>
  );
});

function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  const words = dark ? 'Light colours' : 'Dark colours';
  return (
    <Tooltip label={words}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={words} onClick={() => setColorScheme(dark ? 'light' : 'dark')}>
        {dark ? <IconSun size={17} aria-hidden /> : <IconMoon size={17} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}

function Mark() {
  return (
    <svg className="mark" viewBox="0 0 64 64" width="24" height="24" aria-hidden="true">
      <g fill="none" stroke="currentColor" strokeWidth="4" transform="rotate(-24 32 32)">
        <ellipse cx="32" cy="32" rx="28" ry="18" opacity=".35" />
        <ellipse cx="32" cy="32" rx="18" ry="10.5" opacity=".7" />
      </g>
      <circle cx="32" cy="32" r="4.5" className="mark-dot" />
    </svg>
  );
}
