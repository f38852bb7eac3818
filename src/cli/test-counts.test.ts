import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { countsOf, sumLine } from './test-counts.ts';

const folder = mkdtempSync(join(tmpdir(), 'counts-'));
afterAll(() => rmSync(folder, { recursive: true }));

function report(content: unknown): string {
  const path = join(folder, 'report.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}
const sound = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1, testResults: [{ status: 'passed', assertionResults: [{}] }] };

it('counts what a report says', () => {
  expect(countsOf(report(sound), 0)).toEqual({ passed: 5, failed: 0, skipped: 2 });
  expect(countsOf(report({ ...sound, numFailedTests: 2 }), 1)).toEqual({ passed: 5, failed: 2, skipped: 2 });
});

it('never takes a failed run for a sound one', () => {
  expect(countsOf(report(sound), 1).failed).toBe(1);
  expect(countsOf(report(sound), null).failed).toBe(1);
  expect(countsOf(report({ ...sound, testResults: [{ status: 'failed', assertionResults: [] }] }), 1).failed).toBe(1);
  expect(countsOf(join(folder, 'missing.json'), 0).failed).toBe(1);
  expect(countsOf(report({}), 0).failed).toBe(1);
  const cut = report(sound);
  writeFileSync(cut, '{"numPassedTests": 5, ');
  expect(countsOf(cut, null)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

it('says the sum in one line', () => {
  expect(sumLine({ passed: 3, failed: 0, skipped: 0 })).toBe('tests: 3 passed, 0 failed');
  expect(sumLine({ passed: 3, failed: 1, skipped: 2 })).toBe('tests: 3 passed, 1 failed, 2 skipped');
});
