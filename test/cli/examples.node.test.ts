// The real tensors of the command line: the numbers are those of their sources, and what is found in them is known.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { unemployment } from '../../demo/examples/unemployment.js';
import { examples } from '../../src/cli/examples/examples.js';
import { readNpy } from '../../src/io/index.js';
import { runCli } from '../support/run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'polyadic-examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const loaded = (name: string) => examples.find((one) => one.name === name)?.load();

test('unemployment is that of vega-datasets', async () => {
  const { target, modes } = unemployment();
  expect(await loaded('unemployment')).toEqual(target);
  expect(examples.find(({ name }) => name === 'unemployment')?.modes).toEqual(modes);
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
