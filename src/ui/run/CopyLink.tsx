/** Copies the address, which carries every setting that differs from the preset. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCheck, IconLink } from '@tabler/icons-react';
import { useState } from 'react';
import { copyText, NOT_COPIED } from '../charts/save.ts';
import { useLab } from '../context.ts';

export function CopyLink() {
  const lab = useLab();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await copyText(lab.link());
      setCopied(true);
      setTimeout(() => setCopied(false), 1600);
    } catch {
      lab.complain(NOT_COPIED);
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
