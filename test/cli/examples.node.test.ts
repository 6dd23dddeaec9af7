// The real tensors of the command line: the numbers are those of their sources, and what is found in them is known.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { unemployment } from '../../demo/examples/unemployment.js';
import { examples } from '../../src/cli/examples/examples.js';
import { readNpy } from '../../src/io/index.js';
import { root } from '../support/project-files.js';
import { runCli } from '../support/run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'polyadic-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const loaded = (name: string) => examples.find((one) => one.name === name)?.load();

test('unemployment is that of vega-datasets', async () => {
  const { target, modes } = unemployment();
  expect(await loaded('unemployment')).toEqual(target);
  expect(examples.find(({ name }) => name === 'unemployment')?.modes).toEqual(modes);
});

test('births are the means of the days, in tens', async () => {
  const daily = JSON.parse(readFileSync(join(root, 'demo/examples/us-births.json'), 'utf8')) as number[];
  const cells = new Map<number, number[]>();
  daily.forEach((births, day) => {
    const date = new Date(Date.UTC(1969, 0, 1 + day));
    const cell = ((date.getUTCFullYear() - 1969) * 12 + date.getUTCMonth()) * 7 + ((date.getUTCDay() + 6) % 7);
    cells.set(cell, [...(cells.get(cell) ?? []), births]);
  });
  const target = await loaded('births');
  expect(target?.shape).toEqual([6, 12, 7]);
  const means = Array.from({ length: 6 * 12 * 7 }, (_, cell) => {
    const days = cells.get(cell) ?? [];
    return 10 * Math.round(days.reduce((sum, births) => sum + births, 0) / days.length / 10);
  });
  expect(Array.from(target?.data ?? [])).toEqual(means);
});

test('polyadic examples NAME finds the known rank, shows labels, and writes the tensor with its names', async () => {
  const { code, stdout, stderr } = await runCli('examples unemployment --backend cpu -o result'.split(' '), {
    cwd: folder,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  // The error of npm start, by an independent program.
  expect(Number(/^relative error +([\d.e-]+)/m.exec(stdout)?.[1])).toBeCloseTo(0.165072, 4);
  expect(stdout).toMatch(/^ {2}Agriculture +\S+ [█▏▎▍▌▋▊▉░#-]+/m);
  expect(readNpy(readFileSync(join(folder, 'result/tensor.npy'))).shape).toEqual([14, 10, 12]);
  const again = await runCli('decompose result/tensor.npy -r 2 --backend cpu'.split(' '), { cwd: folder });
  expect(again.stdout).toMatch(/^modes +industry \(14 labels\) × year \(10 labels\) × month \(12 labels\)/m);
});
