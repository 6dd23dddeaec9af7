// Runs the command line in the process of the test. A process of its own (run-cli.ts) costs 0.2 s of CPU for each of hundreds of
// calls, and adds what main.ts adds: exit code, streams, environment, signals.
import { withoutProgress } from './progress-lines.js';
import { vi } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.js';
import type { Finished } from './run-cli.js';

/** One call at a time: its folder and its streams are those of the whole process until it ends. */
export async function callCli(words: readonly string[], { cwd }: { readonly cwd: string }): Promise<Finished> {
  const folder = process.cwd();
  const stdout = collect(process.stdout);
  const stderr = collect(process.stderr);
  process.chdir(cwd);
  try {
    const code = await runCommandLine(words);
    return { code, stdout: stdout.text(), stderr: withoutProgress(stderr.text()) };
  } finally {
    process.chdir(folder);
    stdout.restore();
    stderr.restore();
  }
}

/** Takes what is written to a stream until it is restored. */
function collect(stream: NodeJS.WriteStream): { text(): string; restore(): void } {
  let text = '';
  const write = vi.spyOn(stream, 'write').mockImplementation((chunk) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  });
  return { text: () => text, restore: () => write.mockRestore() };
}
