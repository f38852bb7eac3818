/** A titled picture with its Save menu: SVG and PNG of what is shown, CSV of the numbers behind it. */
import { ActionIcon, Group, Menu, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type ReactNode, useRef } from 'react';
import { type CsvValue, json as jsonText } from '../../storage/exports.ts';
import { useLab } from '../context.ts';
import { sentenceOf } from '../store.ts';
import { copyText, NOT_COPIED, saveCsv, savePng, saveSvg, saveText } from './save.ts';

interface FigureProps {
  title: string;
  /** Of the saved files, without ending. */
  name: string;
  /** Rows of the CSV, the header first; asked for when it is saved. */
  csv: () => CsvValue[][];
  /** The same as an object, where that says more; offered as JSON. */
  json?: () => object;
  /** A link to what is shown. */
  link?: () => string;
  /** Shown at the right of the title, before the Save menu. */
  controls?: ReactNode;
  children: ReactNode;
}

export function Figure({ title, name, csv, json, link, controls, children }: FigureProps) {
  const lab = useLab();
  const body = useRef<HTMLElement>(null);
  const svg = () => {
    if (body.current) saveSvg(body.current, name);
  };
  const png = () => {
    if (body.current) void savePng(body.current, name, 2).catch((error: unknown) => lab.complain(sentenceOf(error)));
  };
  return (
    <figure ref={body} style={{ margin: 0, minWidth: 0 }}>
      <Group justify="space-between" gap="xs" mih={30} mb={4} wrap="wrap">
        <Text component="figcaption" size="sm" fw={600} data-caption>{title}</Text>
        <Group gap={6} wrap="nowrap" ml="auto" data-controls>
          {controls}
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" size="md" aria-label={`Save: ${title}`} title="Save">
                <IconDownload size={16} stroke={1.7} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={svg}>Picture (SVG)</Menu.Item>
              <Menu.Item onClick={png}>Picture (PNG)</Menu.Item>
              <Menu.Item onClick={() => saveCsv(csv(), name)}>Numbers (CSV)</Menu.Item>
              {json && <Menu.Item onClick={() => saveText(jsonText(json()), `${name}.json`, 'application/json')}>Numbers (JSON)</Menu.Item>}
              {link && <Menu.Item onClick={() => void copyText(link()).catch(() => lab.complain(NOT_COPIED))}>Copy link</Menu.Item>}
            </Menu.Dropdown>
          </Menu>
        </Group>
      </Group>
      {children}
    </figure>
  );
}
