import { expect, it } from 'vitest';
import { SETTING_KEYS } from '../../experiment/config/config.ts';
import { ELSEWHERE, GROUPS } from './groups.ts';

it('every setting stands on the page exactly once', () => {
  const placed = [...ELSEWHERE, ...Object.values(GROUPS).flatMap((group) => [...group.first, ...group.more])];
  expect([...placed].sort()).toEqual([...SETTING_KEYS].sort());
});
