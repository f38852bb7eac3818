/**
 * The page in a browser, built as it ships: a run on the smoke preset from Run to verdict and surface, a prior that
 * leaves as a file and comes back to the same numbers, faulty files, pause and step, and the page on a phone.
 */
import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idxBytes } from '../src/data/testing.ts';
import { DEFAULT_ARMS } from '../src/prior/prior.ts';
import { type BuiltPage, openPage, openTab, ready } from './built-page.ts';

const RUN_LIMIT = 120_000;
let built: BuiltPage;

beforeAll(async () => {
  built = await openPage();
});

afterAll(async () => {
  await built?.close();
});

const opened = (hash: string, viewport?: { width: number; height: number }) => openTab(built, hash, viewport);
const run = (page: Page) => page.getByRole('group', { name: 'Run the experiment' }).getByRole('button', { name: /^(Run|Go on)/ });
const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const finished = (page: Page) => page.getByText(/^Finished/).waitFor({ timeout: RUN_LIMIT });
/** The table as text, a string a row. */
const tableRows = (page: Page) => panel(page, 'Verdict').locator('tbody tr').allInnerTexts();

describe('the page', () => {
  it('runs to a verdict, and a prior that leaves as a file comes back to the same numbers', async () => {
    const { page, errors } = await opened('#preset=smoke');
    await run(page).click();
    await finished(page);

    const rows = await tableRows(page);
    expect(rows).toHaveLength(DEFAULT_ARMS.length);
    for (const label of ['From scratch', 'Plain fine-tuning', 'Linear probe', 'Isotropic', 'L2-SP', 'Layer-wise', 'Diagonal', 'Low-rank']) {
      expect(rows.filter((row) => row.includes(label))).toHaveLength(1);
    }
    expect(rows.every((row) => /\d\.\d+\s*±\s*\d/.test(row))).toBe(true);
    const surface = panel(page, 'Loss surface');
    await surface.getByText('Along a cut').waitFor();
    expect(await surface.locator('canvas, svg path').count()).toBeGreaterThan(10);
    for (const name of ['Source', 'Posterior → prior', 'Downstream', 'Verdict', 'Loss surface']) {
      expect(await panel(page, name).locator('.panel-sentence').innerText()).toMatch(/\d/);
    }

    const leaving = page.waitForEvent('download');
    const exported = (item: string) => panel(page, 'Posterior → prior').getByRole('button', { name: 'Export' }).click().then(() => page.getByRole('menuitem', { name: item }).click());
    await exported('Prior file');
    const download = await leaving;
    expect(download.suggestedFilename()).toBe('noisy-scans.safetensors');
    const bytes = readFileSync(await download.path());
    const bundling = page.waitForEvent('download');
    await exported('Bundle');
    const bundle = await bundling;
    expect(bundle.suggestedFilename()).toBe('noisy-scans-bundle.zip');
    const packed = unzipSync(readFileSync(await bundle.path()));
    expect(Buffer.from(packed['priorscape-bundle/prior.safetensors']!).equals(bytes)).toBe(true);
    for (const name of ['README.md', 'priorscape.py', 'compare.py', 'config.json', 'result.json', 'downstream.safetensors']) expect(packed[`priorscape-bundle/${name}`]!.length).toBeGreaterThan(100);

    // A truncated file is refused in one sentence and changes nothing.
    const posterior = panel(page, 'Posterior → prior');
    const priorFile = posterior.locator('input[type=file]');
    await priorFile.setInputFiles({ name: 'short.safetensors', mimeType: 'application/octet-stream', buffer: bytes.subarray(0, bytes.length - 100) });
    const refusal = await posterior.getByRole('alert').innerText();
    expect(refusal).toMatch(/^[^\n]{20,}\.$/);
    expect(await posterior.innerText()).toContain('Learned here');
    expect(await tableRows(page)).toEqual(rows);
    await page.getByText(/^Finished/).waitFor();

    await priorFile.setInputFiles({ name: 'noisy-scans.safetensors', mimeType: 'application/octet-stream', buffer: bytes });
    await posterior.getByText('Imported from noisy-scans.safetensors').waitFor();
    expect(await run(page).innerText()).toBe('Run from Posterior');
    await run(page).click();
    await finished(page);
    expect(await tableRows(page)).toEqual(rows);
    expect(await panel(page, 'Source').locator('.panel-sentence').innerText()).toMatch(/imported/);
    expect(errors).toEqual([]);
  });

  it('pauses, steps, resumes and cancels; what was finished is reused', async () => {
    const { page, errors } = await opened('#preset=smoke&source.steps=1500');
    const controls = page.getByRole('group', { name: 'Run the experiment' });
    await run(page).click();
    await controls.getByRole('button', { name: 'Pause' }).click();
    await page.getByText(/^Paused/).waitFor();
    const source = panel(page, 'Source');
    const curve = source.locator('path.recharts-line-curve').first();
    const step = controls.getByRole('button', { name: 'Step' });
    const shape = async () => ((await curve.count()) > 0 ? curve.getAttribute('d') : null);
    await expect.poll(async () => {
      await step.click();
      return shape();
    }, { timeout: 30_000, interval: 500 }).not.toBeNull();
    await page.waitForTimeout(2000);
    const held = await shape();
    await page.waitForTimeout(2000);
    expect(await shape()).toBe(held);
    await step.click();
    await expect.poll(shape, { timeout: 30_000 }).not.toBe(held);
    await page.getByText(/^Paused/).waitFor();
    await controls.getByRole('button', { name: 'Resume' }).click();
    await controls.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText(/^Stopped/).waitFor({ timeout: 30_000 });
    expect(await source.locator('.recharts-wrapper, svg').count()).toBeGreaterThan(0);

    await source.getByLabel('Training steps', { exact: true }).fill('30');
    await run(page).click();
    await finished(page);
    await panel(page, 'Downstream').getByLabel('Training images n', { exact: true }).fill('30');
    await page.getByText('Out of date: Downstream, Verdict, Loss surface.').waitFor();
    expect(page.url()).toContain('downstream.n=30');
    await run(page).click();
    await finished(page);
    expect(await source.locator('.panel-status').innerText()).toBe('kept');
    expect(errors).toEqual([]);
  });

  it('cuts the loss surface anew, drags the prior, looks at a point and keeps the view in its link', async () => {
    const { page, errors } = await opened('#preset=smoke&downstream.n=30');
    await run(page).click();
    await finished(page);
    const surface = panel(page, 'Loss surface');
    const map = (name: string) => surface.getByRole('img', { name: new RegExp(`^${name}`) });
    await map('Train \\+ Low-rank prior').waitFor();
    for (const name of ['Train \\+ L2-SP prior', 'Train \\+ Isotropic prior', 'Test NLL']) expect(await map(name).count()).toBe(1);

    // λ moves the objective's map and its minimum, and leaves the test loss alone.
    const canvases = () => surface.locator('canvas').evaluateAll((all) => all.map((one) => (one as HTMLCanvasElement).toDataURL()));
    const before = await canvases();
    const slider = surface.getByRole('slider', { name: 'Scale λ of the prior' });
    await slider.focus();
    for (let i = 0; i < 30; i++) await page.keyboard.press('ArrowLeft');
    await expect.poll(async () => (await canvases())[0]).not.toBe(before[0]);
    expect((await canvases()).at(-1)).toBe(before.at(-1));
    await surface.getByText('tuned × 0.0316').waitFor();
    await surface.getByRole('button', { name: 'As tuned' }).click();
    await expect.poll(async () => (await canvases())[0]).toBe(before[0]);

    // Another plane, measured at once; a smaller rank joins it.
    await surface.getByLabel('Plane', { exact: true }).click();
    await page.getByRole('option', { name: 'Top two covariance directions' }).click();
    await surface.getByText('Around mean + probe, along the top covariance direction').waitFor({ timeout: 30_000 });
    const rank = surface.getByRole('slider', { name: 'Rank K of the low-rank prior' });
    await rank.focus();
    await page.keyboard.press('ArrowLeft');
    await map('Train \\+ Low-rank prior, Low-rank, K = 2,').waitFor();

    // The same numbers by keyboard, and the network behind them.
    await surface.getByText('The same in numbers').click();
    await surface.getByRole('button', { name: 'mean + probe', exact: true }).click();
    await surface.getByText(/^Train NLL .* Of these 24 test images it names \d+ rightly\.$/).waitFor({ timeout: 30_000 });

    // A line of one's own, over all seeds.
    await surface.getByRole('button', { name: 'Cut', exact: true }).click();
    await page.getByRole('button', { name: 'Measure for every seed' }).click();
    await surface.getByText(/Alignment gap on the cut pre-trained → plain/).waitFor({ timeout: 30_000 });

    const leaving = page.waitForEvent('download');
    await surface.getByRole('button', { name: /^Save: Around mean/ }).click();
    await page.getByRole('menuitem', { name: 'Picture (SVG)' }).click();
    const picture = readFileSync(await (await leaving).path(), 'utf8');
    expect(picture).toMatch(/^<svg/);
    expect(picture).toContain('top covariance direction');
    expect(picture).toContain('nats');

    const again = await opened(page.url().replace(/^[^#]*/, ''));
    await run(again.page).click();
    await finished(again.page);
    await panel(again.page, 'Loss surface').getByText('Around mean + probe, along the top covariance direction').waitFor({ timeout: 30_000 });
    await panel(again.page, 'Loss surface').getByRole('img', { name: /K = 2,/ }).first().waitFor({ timeout: 30_000 });
    expect([...errors, ...again.errors]).toEqual([]);
  });

  it('goes on from MAP to samples by one control, averages them and checks the sampler', async () => {
    const { page, errors } = await opened('#preset=smoke&arms=none,l2-sp,low-rank');
    const average = panel(page, 'Bayesian average');
    await run(page).click();
    await finished(page);
    await average.getByText(/choose a method above and run/i).waitFor();
    await average.getByLabel('Method', { exact: true }).selectOption('cyclical');
    expect(await run(page).innerText()).toBe('Run from Bayesian average');
    await run(page).click();
    await finished(page);
    expect(await panel(page, 'Downstream').locator('.panel-status').innerText()).toBe('kept');
    await average.getByRole('table').first().waitFor();
    const rows = await average.getByRole('table').first().locator('tbody tr').allInnerTexts();
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row.match(/\d\.\d+\s*±\s*\d/g)!.length).toBeGreaterThanOrEqual(3);
    expect(await average.locator('.panel-sentence').innerText()).toMatch(/too few seeds/);
    await average.getByRole('button', { name: 'Check the sampler' }).click();
    await average.getByRole('region', { name: 'Recovered against true moments' }).waitFor({ timeout: 60_000 });
    // Found ÷ true standard deviation; two short cycles a chain need not have mixed any better.
    const [, , , ratio] = (await average.getByRole('row', { name: /^random direction 1/ }).innerText()).split('\t');
    expect(Number(ratio)).toBeGreaterThan(0.6);
    expect(Number(ratio)).toBeLessThan(1.6);
    expect(errors).toEqual([]);
  });

  it('refuses a faulty file and a wrong value in one sentence where they belong, and a good pair becomes data', async () => {
    const { page, errors } = await opened('#preset=smoke');
    const downstream = panel(page, 'Downstream');
    const select = downstream.getByLabel('Downstream data');
    const images = Buffer.from(idxBytes(8, [240, 8, 8], Uint8Array.from({ length: 240 * 64 }, (_, i) => (7 * i + (i >> 6)) % 256)));
    const labels = Buffer.from(idxBytes(8, [240], Uint8Array.from({ length: 240 }, (_, i) => i % 3)));
    await downstream.getByRole('button', { name: 'Add data' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add downstream data' });
    const files = dialog.getByLabel('Files for downstream');
    await files.setInputFiles([
      { name: 'small-images', mimeType: '', buffer: images.subarray(0, 1000) },
      { name: 'small-labels', mimeType: '', buffer: labels },
    ]);
    expect(await dialog.getByRole('alert').innerText()).toMatch(/^[^\n]*small-images[^\n]*\.$/);
    expect(await select.inputValue()).toBe('glyphs');

    await files.setInputFiles([{ name: 'small-labels', mimeType: '', buffer: labels }, { name: 'small-images', mimeType: '', buffer: images }]);
    await dialog.getByRole('button', { name: 'Use as downstream data' }).click();
    await expect.poll(() => select.inputValue()).not.toBe('glyphs');
    expect(await run(page).isEnabled()).toBe(true);
    expect(await dialog.count()).toBe(0);
    await expect.poll(() => downstream.getByRole('group', { name: 'Downstream classes' }).getByRole('button').count()).toBe(3);

    const n = downstream.getByLabel('Training images n', { exact: true });
    await n.fill('many');
    expect(await downstream.getByRole('alert').innerText()).toBe('Training images n takes a whole number from 1 to 50,000 images.');
    expect(await run(page).isDisabled()).toBe(true);
    await n.fill('20');
    expect(await run(page).isEnabled()).toBe(true);
    expect(errors).toEqual([]);
  });

  it('offers a fresh worker when the worker dies, and keeps what was drawn', async () => {
    const { page } = await opened('#preset=smoke');
    await run(page).click();
    await finished(page);
    const rows = await tableRows(page);
    const worker = page.workers().find((one) => one.url().includes('lab.worker'));
    await worker!.evaluate(() => {
      setTimeout(() => {
        throw new Error('made to fail');
      });
    });
    const alert = page.getByRole('alert').filter({ hasText: 'made to fail' });
    await alert.waitFor();
    expect(await tableRows(page)).toEqual(rows);
    await alert.getByRole('button', { name: 'Start again' }).click();
    await ready(page);
    await expect.poll(() => run(page).isEnabled()).toBe(true);
    await run(page).click();
    await page.getByRole('link', { name: /: running/ }).first().waitFor();
    await finished(page);
    expect(await tableRows(page)).toEqual(rows);
  });

  it('goes on with a run whose tab was closed, to the same numbers, and keeps finished runs in the history', async () => {
    const { page, errors } = await opened('#preset=smoke&inference.steps=40');
    await run(page).click();
    await panel(page, 'Downstream').locator('.panel-status[data-state=running]').waitFor({ timeout: RUN_LIMIT });
    const again = await page.context().newPage();
    await page.close();
    await again.goto(`${built.address}#preset=quick`);
    await ready(again);
    await again.getByText(/was cut off at \d+% of Downstream/).waitFor();
    await again.getByRole('button', { name: 'Go on with it' }).click();
    await finished(again);
    expect(await panel(again, 'Source').locator('.panel-status').innerText()).toBe('kept');
    expect(again.url()).toContain('preset=smoke');

    // The same without being cut off, in a fresh worker; the history holds both and says that they are the same.
    await again.getByRole('button', { name: 'Reset' }).click();
    await again.getByRole('menuitem', { name: 'Clear the results and start afresh' }).click();
    await ready(again);
    await run(again).click();
    await finished(again);
    await again.getByRole('button', { name: 'Runs', exact: true }).click();
    const dialog = again.getByRole('dialog', { name: 'Runs on this machine' });
    await dialog.getByText(/and the same numbers to the last digit/).waitFor();
    expect(await dialog.getByRole('button', { name: 'Open' }).count()).toBe(2);

    const leaving = again.waitForEvent('download');
    await dialog.getByRole('button', { name: /^More for/ }).first().click();
    await again.getByRole('menuitem', { name: 'Save as a zip file' }).click();
    const zip = readFileSync(await (await leaving).path());
    await dialog.getByRole('button', { name: /^More for/ }).first().click();
    await again.getByRole('menuitem', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Undo' }).waitFor();
    await dialog.getByLabel('Run as a zip file').setInputFiles({ name: 'run.zip', mimeType: 'application/zip', buffer: zip });
    await expect.poll(() => dialog.getByRole('button', { name: 'Open' }).count()).toBe(2);
    const rows = await tableRows(again);
    await again.reload();
    await ready(again);
    await again.getByRole('button', { name: 'Runs', exact: true }).click();
    await dialog.getByRole('button', { name: 'Open' }).first().click();
    await again.getByText(/^Opened from the history/).waitFor();
    expect(await tableRows(again)).toEqual(rows);
    expect(await panel(again, 'Downstream').locator('.panel-status').innerText()).toBe('from history');
    expect(errors).toEqual([]);
  });

  it('says so when a link cannot be used, and opens on the defaults', async () => {
    const { page } = await opened('#preset=smoke&downstream.n=0');
    expect(await page.getByRole('alert').first().innerText()).toMatch(/^The link could not be used.*downstream\.n/);
    expect(await page.getByLabel('Preset').first().inputValue()).toBe('quick');
    await page.evaluate(() => {
      location.hash = '#preset=smoke&downstream.n=30';
    });
    await expect.poll(() => panel(page, 'Downstream').getByLabel('Training images n', { exact: true }).inputValue()).toBe('30');
  });

  it('opens on a ready-made prior by the link, goes straight to a verdict, and says when there is none of that name', async () => {
    const { page, errors } = await opened('?prior=glyphs-convnet-s-half#preset=smoke&arms=none,l2-sp,low-rank');
    const posterior = panel(page, 'Posterior → prior');
    await posterior.getByText('Imported from Glyphs, ConvNet-S at half width').waitFor();
    await run(page).click();
    await finished(page);
    expect(await tableRows(page)).toHaveLength(3);
    await posterior.getByRole('button', { name: 'Ready-made' }).click();
    await page.getByRole('menuitem', { name: 'From the Hub or a link…' }).click();
    await page.getByRole('textbox', { name: /^Model on the Hugging Face Hub/ }).fill('nothing-of-that-name');
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    expect(await posterior.getByRole('alert').innerText()).toMatch(/no ready-made prior “nothing-of-that-name”/);
    await posterior.getByText('Imported from Glyphs, ConvNet-S at half width').waitFor();
    await posterior.getByRole('button', { name: 'Learn it here instead' }).click();
    await posterior.getByText('To be learned here').waitFor();
    expect(page.url()).not.toContain('prior=');
    expect(errors).toEqual([]);
  });

  it('fits a phone, before and after a run', async () => {
    const { page, errors } = await opened('#preset=smoke', { width: 390, height: 844 });
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    expect(await width()).toBe(390);
    const button = await run(page).boundingBox();
    expect(button!.y).toBeGreaterThan(700);
    await run(page).click();
    await finished(page);
    expect(await width()).toBe(390);
    expect(errors).toEqual([]);
  });
});
