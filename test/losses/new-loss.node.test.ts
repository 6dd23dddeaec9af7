// What it takes to add a loss: one file and one line of the table. Here the table has a line for log-cosh.ts, and everything
// that works by losses has it: their laws, the GPU, completion with its finish in float64, the command line.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { completeCommand } from '../../src/cli/commands/complete.js';
import { decompose, lossNames, lossOf, relativeError } from '../../src/index.js';
import { plantedObserved } from '../../src/problems/index.js';
import { projectFiles, root } from '../support/project-files.js';
import { describeLoss } from './laws.js';
import { logCosh } from './log-cosh.js';

// Files of a lane share their modules: this one loads its own, with its own table, and leaves none behind.
vi.hoisted(() => vi.resetModules());
afterAll(() => {
  vi.doUnmock('../../src/losses/table.js');
  vi.resetModules();
});

vi.mock(import('../../src/losses/table.js'), async (importOriginal) => {
  const { losses } = await importOriginal();
  const { logCosh } = await import('./log-cosh.js');
  return { losses: { ...losses, logCosh } };
});

const added = lossNames.filter((name) => lossOf(name) === logCosh);

test('the table has the new loss', () => {
  expect(added).toEqual(['logCosh']);
});

added.forEach(describeLoss);

test('no file but those of src/losses names a loss', () => {
  const names = new RegExp(`['"\`](${lossNames.join('|')})['"\`]`);
  const naming = projectFiles(['src', 'shaders', 'demo'], /\.ts$/)
    .filter((file) => !file.startsWith('src/losses/'))
    .flatMap((file) => {
      const lines = readFileSync(join(root, file), 'utf8').split('\n');
      return lines.filter((line) => names.test(line) && !isComment(line)).map((line) => `${file}: ${line.trim()}`);
    });
  expect(naming).toEqual([]);
});

const isComment = (line: string): boolean => /^\s*(\/\/|\/?\*)/.test(line);

describe.each(added)('%s', (loss) => {
  test.each(['cpu', 'webgpu'] as const)(
    'completion finds a tensor of which a tenth is wrong, on %s',
    async (backend) => {
      const wrong = plantedObserved({ shape: [8, 8, 8], rank: 2, share: 0.6, seed: 2, corrupt: 0.1 });
      const result = await decompose(wrong.target, {
        rank: 2,
        starts: 1,
        maxSteps: 300,
        backend,
        algorithm: { kind: 'completion', loss },
      });
      expect(relativeError(result.kruskal, wrong.truth)).toBeLessThan(0.02);
    },
  );

  test('the command line offers it', () => {
    expect(completeCommand.options['loss']?.value).toMatch(/\|log-cosh$/);
    expect(completeCommand.options['loss-parameter']?.help).toContain("log-cosh's beta");
    expect(completeCommand.notes).toContain('log-cosh');
  });
});
