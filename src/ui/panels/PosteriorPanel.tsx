/** Panel 2: the posterior as a prior: its figures, spectrum and layers; it leaves and comes as a file. */
import { Button, FileButton, Menu, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconDownload, IconUpload } from '@tabler/icons-react';
import { type DragEvent, memo } from 'react';
import { BUILT_IN } from '../../experiment/tasks.ts';
import type { PosteriorSummary } from '../../posterior/posterior.ts';
import { forgetChoice } from '../attachments.ts';
import { LayerChart } from '../charts/LayerChart.tsx';
import { saveBytes } from '../charts/save.ts';
import { SpectrumChart } from '../charts/SpectrumChart.tsx';
import { useLab, useSlice } from '../context.ts';
import { isHere } from '../store.ts';
import styles from '../data/import.module.css';
import { fileName, percent, scientific } from '../figures.ts';
import type { Leaving } from '../material.ts';
import { FirstSettings, MoreSettings } from '../settings/SettingsFold.tsx';
import { ReadyMade } from '../priors/ReadyMade.tsx';
import { BasinTable } from './BasinTable.tsx';
import { EXPLANATIONS } from './explanations.ts';
import { Panel, Waiting } from './Panel.tsx';

const CHART = 470;

export const PosteriorPanel = memo(function PosteriorPanel() {
  const lab = useLab();
  const imported = useSlice((state) => state.imported);
  const learned = useSlice((state) => state.picture.summary);
  const running = useSlice((state) => state.picture.stages.posterior.state === 'running');
  const summary = imported?.summary ?? learned;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    const [file] = event.dataTransfer.files;
    if (file) void lab.material.importPrior(file);
  };
  return (
    <Panel
      stage="posterior" number={2} title="Posterior → prior" explanation={EXPLANATIONS.posterior} promise="How much of the posterior lies in a few directions will be said here."
      settings={<MoreSettings group="posterior" disabled={imported !== null} />} {...(imported ? { status: 'imported' } : {})}
    >
      <div className="stack" onDrop={drop} onDragOver={(event) => event.preventDefault()}>
        <Files />
        <FirstSettings group="posterior" disabled={imported !== null} />
        <Figures summary={summary} />
        <BasinTable summary={summary} />
        <div className="chart-place" style={{ minHeight: CHART }}>
          {summary
            ? <><SpectrumChart summary={summary} /><LayerChart summary={summary} /></>
            : <Waiting height={CHART}>{running ? 'Measuring the posterior…' : 'The spectrum of the posterior and how freely each layer may move. Run the source, or import a prior file.'}</Waiting>}
        </div>
      </div>
    </Panel>
  );
});

function Files() {
  const lab = useLab();
  const imported = useSlice((state) => state.imported?.file ?? null);
  const fault = useSlice((state) => state.priorFault);
  const busy = useSlice((state) => state.priorBusy);
  const idle = useSlice((state) => state.phase === 'idle');
  const any = useSlice((state) => state.imported !== null || (state.picture.stages.source.state === 'done' && (state.shown?.imported ?? null) === null && isHere(state)));
  const origin = imported ? <>Imported from <strong>{imported}</strong></> : any ? 'Learned here' : 'To be learned here';
  return (
    <>
      <div className="data-row">
        <span className="origin">
          {origin}
          {imported && <UnstyledButton className="text-button" disabled={!idle} onClick={() => void lab.material.forgetPrior()}>Learn it here instead</UnstyledButton>}
        </span>
        <ReadyMade />
        <FileButton accept=".safetensors" onChange={(file) => file && void lab.material.importPrior(file)} disabled={!idle} inputProps={{ 'aria-label': 'Prior file', onClick: forgetChoice }}>
          {(props) => <Button {...props} size="xs" variant="default" loading={busy} disabled={!idle} leftSection={<IconUpload size={14} aria-hidden />} title="A .safetensors prior file; or drop it here.">Import</Button>}
        </FileButton>
        <ExportMenu disabled={!any} idle={idle} />
      </div>
      {fault && <p className="fault" role="alert">{fault}</p>}
    </>
  );
}

/** The prior alone, or with all that is needed to use it elsewhere. */
function ExportMenu({ disabled, idle }: { disabled: boolean; idle: boolean }) {
  const lab = useLab();
  const own = useSlice((state) => !BUILT_IN.includes(state.settings.config['downstream.data']));
  const save = async (what: Leaving) => {
    const bytes = await lab.material.exportPrior(what);
    const name = fileName(lab.store.getState().settings.config.name);
    if (bytes) saveBytes(bytes, what === 'prior' ? `${name}.safetensors` : `${name}-bundle.zip`);
  };
  return (
    <Menu position="bottom-end" width={300} withinPortal>
      <Menu.Target>
        <Button size="xs" variant="default" disabled={disabled} leftSection={<IconDownload size={14} aria-hidden />} rightSection={<IconChevronDown size={13} aria-hidden />} title={disabled ? 'Run the source first' : 'Save the prior'}>Export</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void save('prior')}><Choice title="Prior file" about="Mean and covariance, .safetensors; this page opens it again." /></Menu.Item>
        <Menu.Item disabled={!idle} onClick={() => void save('bundle')}><Choice title="Bundle" about="The prior with a model card, a PyTorch module and example, the settings and, after a run, its results; .zip." /></Menu.Item>
        {own && <Menu.Item disabled={!idle} onClick={() => void save('bundle with images')}><Choice title="Bundle with your images" about="Also the downstream images, so that the example runs as it is. Mind whom you give it to." /></Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}

function Choice({ title, about }: { title: string; about: string }) {
  return <span className={styles.question}><strong>{title}</strong><span>{about}</span></span>;
}

function Figures({ summary }: { summary: PosteriorSummary | null }) {
  const draws = summary?.drawAccuracy ?? [];
  const accuracy = summary?.sourceAccuracy;
  const probe = summary && summary.sourceMethod !== 'supervised';
  const rows: [string, string][] = [
    ['Weights', summary ? summary.params.toLocaleString('en-GB') : '–'],
    ['Rank', summary ? `${summary.rank} from ${summary.snapshots} snapshots${summary.method === 'fisher' ? ', Fisher' : ''}` : '–'],
    ['Mean variance', summary ? scientific(summary.meanVariance) : '–'],
    ['In the factor', summary ? percent(summary.lowRankShare) : '–'],
    [probe ? 'Mean’s probe names' : 'Mean names', accuracy == null ? '–' : `${percent(accuracy)} of the source`],
    ['Draws name', draws.length === 0 ? '–' : `${percent(Math.min(...draws))} to ${percent(Math.max(...draws))}`],
  ];
  return <dl className="facts facts-grid">{rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}
