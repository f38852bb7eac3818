/** A quiet notice when a newer version of the lab has been fetched; the visitor decides when to load it. */
import { Button, Group, Paper } from '@mantine/core';
import { useEffect, useState } from 'react';

export function NewVersion() {
  const [update, setUpdate] = useState<(() => void) | null>(null);
  useEffect(() => {
    if (!import.meta.env.PROD) return;
    void import('virtual:pwa-register').then(({ registerSW }) => {
      const reload = registerSW({ onNeedRefresh: () => setUpdate(() => () => void reload(true)) });
    });
  }, []);
  if (!update) return null;
  return (
    <Paper className="new-version" withBorder shadow="md" role="status">
      A new version of the lab is ready.
      <Group gap="xs">
        <Button size="xs" onClick={update}>Load it</Button>
        <Button size="xs" variant="default" onClick={() => setUpdate(null)}>Later</Button>
      </Group>
    </Paper>
  );
}
