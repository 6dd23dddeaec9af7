// Runs the TypeScript examples of a document as they stand, with the package's names pointing at the sources.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { root } from './project-files.js';

export interface Examples {
  /** The code of every example, in their order. */
  readonly codes: readonly string[];
  /** What an example prints. It fails where the example prints anything to standard error, or fails. */
  run(at: number): string;
  remove(): void;
}

/** Code with paths of the sources in place of the package's names. */
export const inCheckout = (code: string): string =>
  code
    .replaceAll("'polyadic'", JSON.stringify(join(root, 'src/index.ts')))
    .replaceAll(/'polyadic\/(\w+)'/g, (_, entry: string) => JSON.stringify(join(root, `src/${entry}/index.ts`)));

export function examplesOf(document: string): Examples {
  const text = readFileSync(join(root, document), 'utf8');
  const codes = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code as string);
  const folder = mkdtempSync(join(root, 'node_modules', '.examples-'));
  return {
    codes,
    run(at) {
      const file = join(folder, `example-${at}.mts`);
      writeFileSync(file, inCheckout(codes[at] ?? expect.fail(`no example ${at} in ${document}`)));
      const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', 'tsx', file], {
        cwd: root,
        encoding: 'utf8',
      });
      expect(stderr, 'standard error').toBe('');
      expect(status, 'exit code').toBe(0);
      return stdout;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
