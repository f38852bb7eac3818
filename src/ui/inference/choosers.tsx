/** Small parts that several sections of the inference panel share: the choice of an arm, a heading, a table's CSV button. */
import { ActionIcon, Select } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Family } from '../../prior/prior.ts';
import type { CsvValue } from '../../storage/exports.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { saveCsv } from '../charts/save.ts';
import styles from './inference.module.css';

interface PickProps<T extends string> {
  label: string;
  value: T;
  options: readonly T[];
  text: (option: T) => string;
  onPick: (option: T) => void;
  /** The label is read, not seen. */
  quiet?: boolean;
  /** Of a quiet one, px. */
  width?: number;
}

/** One of a few: a Select whose answer is one of its options. */
export function Pick<T extends string>({ label, value, options, text, onPick, quiet = false, width = 142 }: PickProps<T>) {
  return (
    <Select
      size="xs" {...(quiet ? { 'aria-label': label, w: width } : { label })} allowDeselect={false} value={value} data={options.map((option) => ({ value: option, label: text(option) }))}
      onChange={(next) => {
        const option = options.find((one) => one === next);
        if (option !== undefined) onPick(option);
      }}
    />
  );
}

export function armText(arm: Family | 'all'): string {
  return arm === 'all' ? 'All arms' : ARM_STYLE[arm].label;
}

export function Heading({ id, title, children }: { id: string; title: string; children?: ReactNode }) {
  return (
    <div className={styles.head}>
      <h3 className={styles.title} id={id}>{title}</h3>
      {children && <div className={styles.tools}>{children}</div>}
    </div>
  );
}

export function CsvButton({ label, name, rows }: { label: string; name: string; rows: () => CsvValue[][] }) {
  return (
    <ActionIcon variant="subtle" color="gray" size="md" aria-label={`Save as CSV: ${label}`} title="Save as CSV" onClick={() => saveCsv(rows(), name)}>
      <IconDownload size={16} stroke={1.7} />
    </ActionIcon>
  );
}
