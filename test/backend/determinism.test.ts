// Every operation of the contract gives the same bits for the same inputs: again on the same backend, and on a backend opened
// afresh that cuts the work into many small submits; and the numbers of the cpu backend. With both kinds of tiles.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend, Operations } from '../../src/backend/backend.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { openWebGpu } from '../../src/backend/webgpu/index.js';
import { openBackend, type TileConfig } from '../../src/index.js';
import { calls } from '../../src/self-test/calls.js';
import { numbersOf } from '../../src/self-test/compare.js';
import { casesOf } from '../support/all.js';
import { expectClose } from '../support/close.js';

const configs: { tiles: string; config: TileConfig | undefined }[] = [
  { tiles: 'usual', config: undefined },
  { tiles: 'shared', config: { lanes: 64, maxRows: 4, share: 'load', shared: 32 } },
  { tiles: 'register', config: { lanes: 32, maxRows: 2, share: 'quad', shared: 'none' } },
];

describe.each(casesOf(configs, 1))('$tiles tiles', ({ config }) => {
  const tuning = config ? { tuning: { adapter: 'test', tiles: config, measured: [] } } : {};
  let one: Backend, cut: Backend;
  beforeAll(async () => {
    one = await openBackend('webgpu', tuning);
    // A few workgroups a submit.
    cut = await openWebGpu(undefined, tuning.tuning, { submitWork: 2e4 });
  });
  afterAll(() => {
    for (const backend of [one, cut]) backend[Symbol.dispose]();
  });

  test.each(Object.keys(calls) as (keyof Operations)[])('%s', async (name) => {
    const first = await numbersOf(one, name);
    const worth = first.every((values) => values.every(Number.isFinite) && values.some((x) => x !== 0));
    expect(worth, 'finite numbers, not all zero').toBe(true);
    expect(await numbersOf(one, name), 'on the same backend').toEqual(first);
    expect(await numbersOf(cut, name), 'on another backend, cut into small submits').toEqual(first);
    using cpu = openCpu();
    const reference = await numbersOf(cpu, name);
    reference.forEach((expected, index) => expectClose(first[index]!, expected, 1e-4, `array ${index}, cpu`));
  });
});
