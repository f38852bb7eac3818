/** Opens the history of runs; its dialog is fetched when it is first asked for. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useLab } from '../context.ts';

const HistoryDialog = lazy(() => import('./HistoryDialog.tsx').then((module) => ({ default: module.HistoryDialog })));

export function HistoryButton() {
  const lab = useLab();
  const [opened, setOpened] = useState<boolean | null>(null);
  const open = () => {
    setOpened(true);
    void lab.history.list();
  };
  const close = () => {
    setOpened(false);
    lab.history.closed();
  };
  return (
    <>
      <Tooltip label="Runs on this machine">
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Runs" onClick={open}><IconHistory size={17} aria-hidden /></ActionIcon>
      </Tooltip>
      {opened !== null && <Suspense><HistoryDialog opened={opened} onClose={close} /></Suspense>}
    </>
  );
}
