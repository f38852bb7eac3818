/** Entry of the page: reads the link, makes store and lab, and draws them. */
import '@fontsource-variable/inter/index.css';
import '@mantine/core/styles.css';
import './page.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { LabContext } from './context.ts';
import { Lab } from './lab.ts';
import { readLink } from './link.ts';
import { Page } from './Page.tsx';
import { priorInAddress } from './priors/opening.ts';
import { settingsOf } from './settings/edit.ts';
import { createLabStore } from './store.ts';
import { OPENING_CHOICE, readView } from './surface/view.ts';
import { theme, variables } from './theme.ts';

function opened(): Lab {
  try {
    const { preset, config, view } = readLink(location.hash);
    const choice = view === null ? OPENING_CHOICE : readView(view);
    const lab = new Lab(createLabStore(settingsOf(preset, config), choice ?? OPENING_CHOICE));
    if (!choice) lab.linkFault = 'The link’s cut of the loss surface could not be used; the panel opens on its default.';
    return lab;
  } catch (error) {
    const lab = new Lab(createLabStore());
    const reason = error instanceof Error ? error.message : String(error);
    lab.linkFault = `The link could not be used, so the page shows its defaults. ${reason}`;
    return lab;
  }
}

const lab = opened();
const prior = priorInAddress();
// A run must not begin before the prior that the address names is here.
if (prior !== null) lab.store.setState({ priorBusy: true });
void lab.open().then(() => (prior === null ? undefined : lab.material.openPrior(prior)));
addEventListener('hashchange', () => lab.follow(location.hash));
// A file that misses its place must not take the visitor away from the page.
for (const kind of ['dragover', 'drop']) addEventListener(kind, (event) => event.preventDefault());
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <LabContext value={lab}>
        <Page />
      </LabContext>
    </MantineProvider>
  </StrictMode>,
);
