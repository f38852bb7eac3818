/**
 * What the priors believe, in a browser: the toy from Run to its verdict with decision boundaries that differ between
 * priors, and the fold below the posterior on images: table, curves, and a walk whose slider moves predictions.
 */
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltPage, type OpenedTab, openPage, openTab } from './built-page.ts';

const LIMIT = 120_000;
const FOLD = 'What does this prior believe?';
let built: BuiltPage;

beforeAll(async () => {
  built = await openPage();
});

afterAll(async () => {
  await built?.close();
});

/** A page that has run to its end; errors of its console. */
async function finished(hash: string): Promise<OpenedTab> {
  const { page, errors } = await openTab(built, hash);
  await page.getByRole('group', { name: 'Run the experiment' }).getByRole('button', { name: /^Run/ }).click();
  await page.getByText(/^Finished/).waitFor({ timeout: LIMIT });
  return { page, errors };
}

const answered = (fold: Locator) => fold.getByText(/^\d+ networks a prior/).waitFor({ timeout: LIMIT });
const pictureOf = (canvas: Locator) => canvas.evaluate((one) => (one as HTMLCanvasElement).toDataURL());
/** Distinct colours of a canvas. */
const colours = (canvas: Locator) => canvas.evaluate((one) => {
  const { width, height } = one as HTMLCanvasElement;
  const { data } = (one as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
  return new Set(new Uint32Array(data.buffer)).size;
});

describe('what the priors believe', () => {
  it('draws the toy’s plane under each prior, of a solution and of samples', async () => {
    const { page, errors } = await finished('#preset=toy&seeds=2&arms=none,isotropic,low-rank&source.steps=300&inference.steps=40&sampling.steps=60&surface.resolution=5&surface.linePoints=9');
    expect(await page.getByRole('region', { name: 'Verdict', exact: true }).locator('tbody tr').count()).toBe(3);
    await page.getByRole('button', { name: FOLD, exact: true }).click();
    const fold = page.getByRole('region', { name: FOLD, exact: true });
    await answered(fold);
    const mean = fold.getByRole('img', { name: /^Mean class probabilities of 32 networks/ });
    expect(await colours(mean)).toBeGreaterThan(100);
    expect(await fold.getByRole('img', { name: /of network \d over the plane/ }).count()).toBe(8);
    const lowRank = await pictureOf(mean);
    await fold.getByLabel('Prior over the plane').click();
    await page.getByRole('option', { name: 'Isotropic' }).click();
    await expect.poll(() => pictureOf(mean), { timeout: 30_000 }).not.toBe(lowRank);

    const average = page.getByRole('region', { name: 'Bayesian average', exact: true });
    await average.getByRole('button', { name: 'Draw', exact: true }).click();
    await average.getByText('Low-rank, tuned solution, seed 1').waitFor({ timeout: 30_000 });
    expect(await colours(average.getByRole('img', { name: 'Class probabilities over the plane' }))).toBeGreaterThan(100);
    await average.getByLabel('Networks over the plane').click();
    await page.getByRole('option', { name: 'samples', exact: true }).click();
    await average.getByRole('button', { name: 'Draw', exact: true }).click();
    await average.getByRole('img', { name: /^Mean class probabilities of \d+ networks/ }).waitFor({ timeout: 30_000 });
    expect(errors).toEqual([]);
  });

  it('asks the priors about images, and walks', async () => {
    const { page, errors } = await finished('#preset=smoke&seeds=2&arms=none,low-rank&source.steps=300&surface.resolution=3&surface.linePoints=5');
    await page.getByRole('button', { name: FOLD, exact: true }).click();
    const fold = page.getByRole('region', { name: FOLD, exact: true });
    await answered(fold);
    const rows = await fold.getByRole('region', { name: 'What draws from each prior answer' }).locator('tbody tr').allInnerTexts();
    expect(rows).toHaveLength(5);
    expect(rows.every((row) => row.match(/\d+\.\d ± \d+\.\d/g)?.length === 4)).toBe(true);
    expect(await fold.getByRole('region', { name: 'What each prior says of some images' }).getByText(/^\d+ of 20$/).count()).toBe(40);
    await fold.getByRole('slider', { name: /: position$/ }).first().waitFor();

    const said = fold.getByRole('list', { name: 'Predictions at this place' });
    const before = await said.innerText();
    const walk = fold.getByRole('slider', { name: 'Place on the walk' });
    await walk.focus();
    for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowLeft');
    await fold.getByText(/^At −3σ along the eigenvector/).waitFor();
    expect(await said.innerText()).not.toBe(before);

    await fold.getByText('downstream images', { exact: true }).click();
    await fold.getByText(/heads from N\(0, I\/κ\) with κ = 10/).waitFor({ timeout: 60_000 });
    expect(await fold.getByText(/no prior can name a class but by chance/).count()).toBe(1);

    // Beside a random encoder: what can be read off the source's features, and a map of them that the worker unfolds.
    const source = page.getByRole('region', { name: 'Source', exact: true });
    await source.getByText('What does the embedding know?').click();
    await source.getByRole('region', { name: 'Figures of the embedding' }).getByText('Uniformity').waitFor({ timeout: 30_000 });
    expect(await source.getByRole('region', { name: 'Figures of the embedding' }).locator('tbody tr').count()).toBe(6);
    const map = source.getByRole('group', { name: /the arrow keys go from point to point$/ });
    await map.focus();
    await page.keyboard.press('ArrowRight');
    await map.getByText(/^row \d/).waitFor();
    await source.getByText('UMAP', { exact: true }).click();
    await source.getByRole('button', { name: 'Compute UMAP' }).click();
    await map.getByText('UMAP 1').waitFor({ timeout: 30_000 });
    expect(errors).toEqual([]);
  });
});
