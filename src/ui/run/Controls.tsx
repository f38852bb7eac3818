/** Run, pause, step, cancel, reset. The one button that matters now is the filled one, and it keeps its place. */
import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconPlayerSkipForward, IconPlayerStop, IconRotate } from '@tabler/icons-react';
import { useLab, useSlice } from '../context.ts';
import { isWhole } from '../reduce.ts';
import { STAGE_WORDS, STORY, staleNow } from '../stale.ts';
import type { LabState } from '../store.ts';
import { blockedBy } from './words.ts';

export function Controls() {
  const lab = useLab();
  const phase = useSlice((state) => state.phase);
  const label = useSlice(runLabel);
  const blocked = useSlice(blockedBy);
  const blank = useSlice((state) => state.shown === null);
  const edited = useSlice((state) => Object.keys(state.settings.edits).length);
  const idle = phase === 'idle';
  return (
    <>
      {idle && (
        <Button className="run-button" leftSection={<IconPlayerPlay size={16} aria-hidden />} disabled={blocked !== null} title={blocked ?? undefined} onClick={() => void lab.run()}>
          {label}
        </Button>
      )}
      {(phase === 'running' || phase === 'cancelling') && (
        <Button className="run-button" leftSection={<IconPlayerPause size={16} aria-hidden />} disabled={phase === 'cancelling'} onClick={() => lab.pause()}>
          {phase === 'cancelling' ? 'Stopping…' : 'Pause'}
        </Button>
      )}
      {phase === 'paused' && (
        <Button className="run-button" leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={() => lab.resume()}>Resume</Button>
      )}
      <Tooltip label="Step: on to the next picture, then pause">
        <ActionIcon variant="default" size={36} aria-label="Step" disabled={phase === 'cancelling' || (idle && blocked !== null)} onClick={() => lab.step()}>
          <IconPlayerSkipForward size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Cancel: stop this run; finished stages stay">
        <ActionIcon variant="default" size={36} aria-label="Cancel" disabled={idle || phase === 'cancelling'} onClick={() => lab.cancel()}>
          <IconPlayerStop size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Menu position="bottom-start" shadow="md">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="Reset" title="Reset"><IconRotate size={16} aria-hidden /></ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item disabled={blank && idle} onClick={() => void lab.restart(true)}>Clear the results and start afresh</Menu.Item>
          <Menu.Item disabled={edited === 0} onClick={() => lab.reset(null)}>
            {edited === 0 ? 'All settings are the preset’s' : `Set ${edited} changed setting${edited === 1 ? '' : 's'} back to the preset`}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

function runLabel(state: LabState): string {
  if (state.shown === null) return 'Run';
  const stale = staleNow(state);
  if (stale) return `Run from ${STAGE_WORDS[stale.from]}`;
  if (isWhole(state.picture)) return 'Run again';
  const next = STORY.find((stage) => state.picture.stages[stage].state !== 'done');
  return next ? `Go on: ${STAGE_WORDS[next]}` : 'Run';
}
