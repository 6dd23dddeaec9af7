// A real tensor end to end: fluorescence of five mixtures of three amino acids, 5 × 201 × 61, three components.
// Reference: relative error 0.025049, from an independent float64 ALS; the same components from every start.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from '../support/project-files.js';
import { runCli } from '../support/run-cli.js';

const data = join(root, '..', 'shared', 'data', 'aminoacid.npy');
const folder = mkdtempSync(join(tmpdir(), 'polyadic-aminoacid-'));
if (!existsSync(data)) console.log('skipped: the data folder with aminoacid.npy is not here');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.runIf(existsSync(data))('both backends find the three spectra, and the same ones', async () => {
  for (const backend of ['cpu', 'webgpu']) {
    const words = ['decompose', data, '--rank', '3', '--seed', '1', '--json', '--backend', backend];
    const { code, stdout, stderr } = await runCli([...words, '--out', backend], { cwd: folder });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const summary = JSON.parse(stdout) as { backend: string; relativeError: number };
    expect(summary.backend).toBe(backend);
    expect(Math.abs(summary.relativeError - 0.025049)).toBeLessThan(2e-6);
  }
  const { stdout } = await runCli(['match', 'cpu', 'webgpu', '--json'], { cwd: folder });
  expect((JSON.parse(stdout) as { score: number }).score).toBeGreaterThan(0.9999);
});

test.runIf(existsSync(data))(
  'without negative entries: the rank is found, and the error of an independent HALS',
  async () => {
    const { code, stdout } = await runCli(['decompose', data, '--nonnegative', '--json'], { cwd: folder });
    expect(code).toBe(0);
    const summary = JSON.parse(stdout) as { rank: number; relativeError: number; kktResidual: number };
    expect(summary.rank).toBe(3);
    expect(Math.abs(summary.relativeError - 0.025141)).toBeLessThan(1e-6);
    // √(2 · tolerance) times the error, the limit for an answer.
    expect(summary.kktResidual).toBeLessThan(0.025141 * Math.sqrt(2e-9));
  },
);
