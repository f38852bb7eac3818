/** The source network in one line under its setting, and layer by layer in a dialog: names, shapes, parameters, output sizes. */
import { Modal, UnstyledButton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { sourceArchitecture } from '../../experiment/tasks.ts';
import type { Architecture } from '../../model/architecture.ts';
import { parameterTable } from '../../model/build.ts';
import { describeLayers } from '../../model/describe.ts';
import { useSlice } from '../context.ts';
import '../charts/table.css';
import styles from './network.module.css';
import { countWords, NETWORK_LABEL, sizeWords } from './network.ts';

export function NetworkLine() {
  const config = useSlice((state) => state.settings.config);
  const preview = useSlice((state) => state.data.source.preview);
  const [opened, setOpened] = useState(false);
  const name = config['model.architecture'];
  const { 'model.widths': widths, 'model.stem': stem } = config;
  const made = useMemo(() => {
    if (!preview) return null;
    try {
      return { architecture: sourceArchitecture({ 'model.architecture': name, 'model.widths': widths, 'model.stem': stem }, preview) };
    } catch (error) {
      return { fault: error instanceof Error ? error.message : String(error) };
    }
  }, [name, widths, stem, preview]);
  const architecture = made && 'architecture' in made ? made.architecture : null;
  return (
    <div className={styles.line}>
      {made && 'fault' in made
        ? <span className="fault" role="alert">{made.fault}</span>
        : <span>{architecture ? countWords(parameterTable(architecture)) : 'Its parameters are counted once the data are here.'}</span>}
      <UnstyledButton className="text-button" disabled={!architecture} onClick={() => setOpened(true)}>Layers</UnstyledButton>
      {architecture && <NetworkDialog architecture={architecture} opened={opened} onClose={() => setOpened(false)} />}
    </div>
  );
}

function NetworkDialog({ architecture, opened, onClose }: { architecture: Architecture; opened: boolean; onClose(): void }) {
  const narrow = useMediaQuery('(max-width: 820px)') ?? false;
  return (
    <Modal opened={opened} onClose={onClose} size={760} fullScreen={narrow} title={`${NETWORK_LABEL[architecture.name]} of widths ${architecture.widths.join(', ')}`} closeButtonProps={{ 'aria-label': 'Close' }}>
      <p className={styles.about}>
        For source images of {sizeWords(architecture.input)}. Everything but the head is the extractor, whose parameters the posterior and the priors are about. Names are those of the prior file.
      </p>
      <LayerTable architecture={architecture} />
    </Modal>
  );
}

function LayerTable({ architecture }: { architecture: Architecture }) {
  const rows = useMemo(() => describeLayers(architecture), [architecture]);
  const { extractor, total } = parameterTable(architecture);
  return (
    <div className="number-scroll" tabIndex={0} role="region" aria-label="Layers of the network">
      <table className={`number-table ${styles.table}`}>
        <thead>
          <tr><th scope="col">Layer</th><th scope="col">Parameters</th><th scope="col">Output</th><th scope="col">What it does</th><th scope="col">Shapes</th></tr>
        </thead>
        <tbody>
          {rows.map(({ name, what, tensors, parameters, output }, i) => (
            <tr key={`${i} ${name}`}>
              <th scope="row">{name}</th>
              <td>{parameters === 0 ? '–' : parameters.toLocaleString('en-GB')}</td>
              <td>{sizeWords(output)}</td>
              <td>{what}</td>
              <td>{tensors.map((tensor) => <span key={tensor}>{tensor}</span>)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr><th scope="row">Extractor</th><td>{extractor.toLocaleString('en-GB')}</td><td colSpan={3} /></tr>
          <tr><th scope="row">With the head</th><td>{total.toLocaleString('en-GB')}</td><td colSpan={3} /></tr>
        </tfoot>
      </table>
    </div>
  );
}
