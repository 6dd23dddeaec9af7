// Relative paths start where the caller is: also under npm, which runs scripts in the folder of package.json, and not where
// a script of another package calls the command line, whose paths are relative to its own package.json.
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../support/project-files.js';
import { runCli, runProcess } from '../support/run-cli.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'polyadic-folder-')));
const here = join(folder, 'here');
const elsewhere = join(folder, 'elsewhere');
const generate = (name: string) => `generate cp --shape 3x2 --rank 1 --quiet --out ${name}.npy`.split(' ');

beforeAll(() => {
  mkdirSync(here);
  mkdirSync(elsewhere);
  writeFileSync(join(folder, 'package.json'), '{ "name": "other" }');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('relative paths start', { concurrent: true }, () => {
  test('in the folder that npm was called in', async () => {
    const words = ['--prefix', root, 'run', '--silent', 'polyadic', '--', ...generate('by-npm')];
    const { code, stdout } = await runProcess('npm', words, { cwd: here });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(existsSync(join(here, 'by-npm.npy'))).toBe(true);
  });

  test.each([
    ['direct', {}],
    ['script', { npm_lifecycle_event: 'polyadic', npm_package_json: join(folder, 'package.json') }],
    ['other-script', { npm_lifecycle_event: 'build', npm_package_json: join(root, 'package.json') }],
  ])("in the process's own folder otherwise: %s", async (name, env) => {
    const { code, stderr } = await runCli(generate(name), { cwd: here, env: { INIT_CWD: elsewhere, ...env } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(existsSync(join(here, `${name}.npy`))).toBe(true);
  });
});
