// `npm start` as a person sees it: the known error of rank 2, both components with all their labels, files to go on with.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { unemployment } from '../../demo/examples/unemployment.js';
import { kruskalFromJson, readNpy } from '../../src/io/index.js';
import { runScript } from '../support/run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'polyadic-start-'));
const files = 'factor-0.npy factor-1.npy factor-2.npy result.json tensor.npy weights.npy'.split(' ');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the tensor is the one of the reference', () => {
  const { target, modes } = unemployment();
  expect(target.shape).toEqual([14, 10, 12]);
  expect(modes.map(({ ticks }) => ticks.length)).toEqual([14, 10, 12]);
  expect(target.data[0]).toBe(2.1); // Government, January 2000
  expect(target.data.at(-1)).toBe(5.9); // Self-employed, December 2009
});

test('prints the error, the components with their labels, the agreement of two backends; writes the result', async () => {
  const { code, stdout } = await runScript('demo/start.ts', [], { cwd: folder });
  expect(code).toBe(0);
  expect(Number(/^relative error +([\d.]+)$/m.exec(stdout)?.[1])).toBeCloseTo(0.165072, 5);
  for (const label of unemployment().modes.flatMap(({ ticks }) => ticks)) {
    expect(stdout).toContain(label.slice(0, 20));
  }
  expect(stdout).toMatch(/most in Agriculture, then Construction/);
  expect(Number(/factor match score ([\d.]+)/.exec(stdout)?.[1])).toBeGreaterThan(0.998);
  expect(stdout).not.toContain('\x1b');
  expect(readdirSync(join(folder, 'out', 'unemployment')).sort()).toEqual(files);
  const result = JSON.parse(readFileSync(join(folder, 'out', 'unemployment', 'result.json'), 'utf8')) as object;
  expect(result).toMatchObject({ relativeError: expect.closeTo(0.165072, 5) as number, rank: 2 });
  expect(kruskalFromJson(result).weights).toHaveLength(2);
  expect(readNpy(readFileSync(join(folder, 'out', 'unemployment', 'tensor.npy'))).shape).toEqual([14, 10, 12]);
});

test('works without WebGPU, in ASCII and a narrow window, and once more over its own result', async () => {
  const env = { VK_DRIVER_FILES: '/nonexistent', VK_ICD_FILENAMES: '/nonexistent', LC_ALL: 'C', COLUMNS: '40' };
  const { code, stdout, stderr } = await runScript('demo/start.ts', [], { cwd: folder, env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(Array.from(stdout).every((letter) => letter.charCodeAt(0) < 128)).toBe(true);
  const bars = stdout.split('\n').filter((line) => line.includes('##'));
  expect(Math.max(...bars.map((line) => line.length))).toBeLessThanOrEqual(40);
});
