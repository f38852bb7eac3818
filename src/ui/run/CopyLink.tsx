/** Copies the address, which carries every setting that differs from the preset. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCheck, IconLink } from '@tabler/icons-react';
import { useState } from 'react';
import { useLab } from '../context.ts';
import { writeLink } from '../link.ts';

export function CopyLink() {
  const lab = useLab();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    const { preset, config } = lab.store.getState().settings;
    const address = location.href.replace(/#.*$/, '') + writeLink(preset, config);
    try {
      await navigator.clipboard.writeText(address);
      setCopied(true);
      setTimeout(() => setCopied(false), 1600);
    } catch {
      lab.complain('The browser did not allow copying; take the link from the address bar, which holds the same settings.');
    }
  };
  return (
    <Tooltip label={copied ? 'Copied' : 'Copy a link to these settings'}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Copy link" onClick={() => void copy()}>
        {copied ? <IconCheck size={17} aria-hidden /> : <IconLink size={17} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}
