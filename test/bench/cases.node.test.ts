// The benchmark's list of cases.
import { expect, test } from 'vitest';
import { families } from '../../bench/families.js';

test('no case is listed twice', () => {
  expect(Object.keys(families).length).toBeGreaterThan(5);
  for (const [family, cases] of Object.entries(families)) {
    const names = cases.map(({ name }) => name);
    expect(names, family).toEqual([...new Set(names)]);
  }
});
