/** The import dialog before there are files: a place to drop them, two ways to pick them, what can be read, and that nothing leaves the machine. */
import { Button, FileButton } from '@mantine/core';
import { IconFiles, IconFolder, IconLock } from '@tabler/icons-react';
import { type DragEvent, useRef, useState } from 'react';
import { useLab } from '../context.ts';
import type { Role } from '../store.ts';
import { forgetChoice } from '../attachments.ts';
import { dropped, picked } from './gather.ts';
import { HubStart } from './HubStart.tsx';
import styles from './import.module.css';

const READ = [
  ['A folder of images', 'one folder for each class, with train, validation and test above them if you like; PNG, JPEG, WebP, BMP, GIF'],
  ['An archive', 'that folder as zip, tar or tar.gz'],
  ['Arrays', '.npz or .npy of NumPy, IDX pairs like MNIST’s, the binary files of CIFAR'],
  ['Tables', 'Parquet as on the Hugging Face Hub, CSV with a label and pixels'],
] as const;

export function ImportStart({ role, fault }: { role: Role; fault: string | null }) {
  const lab = useLab();
  const [over, setOver] = useState(false);
  const folder = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation();
    setOver(false);
    void lab.imports.take(role, dropped(event.dataTransfer));
  };
  return (
    <div
      className={styles.start} onDrop={drop} onDragLeave={() => setOver(false)}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
    >
      <div className={styles.zone} data-over={over || undefined}>
        <p className={styles.lead}>Drop files, a folder or an archive here</p>
        <div className={styles.picks}>
          <FileButton multiple onChange={(files) => void lab.imports.take(role, picked(files))} inputProps={{ 'aria-label': `Files for ${role}`, onClick: forgetChoice }}>
            {(props) => <Button {...props} data-autofocus leftSection={<IconFiles size={16} aria-hidden />}>Choose files</Button>}
          </FileButton>
          <Button variant="default" leftSection={<IconFolder size={16} aria-hidden />} onClick={() => folder.current?.click()}>Choose a folder</Button>
          <input
            ref={folder} type="file" hidden multiple aria-label={`Folder for ${role}`} onClick={forgetChoice} {...{ webkitdirectory: '' }}
            onChange={(event) => void lab.imports.take(role, picked([...(event.currentTarget.files ?? [])]))}
          />
        </div>
        <p className={styles.private}><IconLock size={14} aria-hidden />Your data never leave this machine: they are read in this tab.</p>
      </div>
      {fault && <p className="fault" role="alert">{fault}</p>}
      <dl className={styles.read} aria-label="What can be read">
        {READ.map(([what, which]) => <div key={what}><dt>{what}</dt><dd>{which}</dd></div>)}
      </dl>
      <HubStart role={role} />
    </div>
  );
}
