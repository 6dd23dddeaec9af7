// The launcher of a browser starts that browser, also where the browser is a launcher already, or a script that calls one.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeLauncher } from '../../src/node/browser.mjs';

const root = mkdtempSync(join(tmpdir(), 'polyadic-launcher-'));
afterAll(() => rmSync(root, { recursive: true }));

function script(name: string, line: string): string {
  const path = join(root, name);
  writeFileSync(path, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  return path;
}

/** What starting the launcher of a browser prints. */
function started(path: string): string {
  launcher = writeLauncher(root, { path, version: '1', source: 'test' });
  return execFileSync(launcher, ['--version'], { encoding: 'utf8', timeout: 5000 });
}
let launcher = '';

test.runIf(process.platform === 'linux')('a launcher starts the browser, whatever was named as the browser', () => {
  const answer = 'Chromium 1.2.3 --version\n';
  const browser = script('browser', 'echo "Chromium 1.2.3 $1"');
  expect(started(browser)).toBe(answer);
  expect(started(launcher)).toBe(answer);
  expect(started(script('wrapper', `exec '${launcher}' "$@"`))).toBe(answer);
});
