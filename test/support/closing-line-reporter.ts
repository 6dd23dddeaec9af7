// Prints the verdict of all lanes together, alone on the very last line: `N passed, N failed` (`, N skipped` if any).
// A file that could not be loaded and an error outside any test count as failures; so does a run without tests.
// Written at process exit, because other reporters print after theirs.
import { writeSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter(failedOutsideTests).length + unhandledErrors.length;
    const passed = count('passed');
    const skipped = count('skipped') + count('pending');
    const failed = count('failed') + broken || (passed === 0 ? 1 : 0);
    const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    process.once('exit', () => {
      if (failed > 0 && !process.exitCode) process.exitCode = 1;
      writeSync(1, `${line}\n`);
    });
  }
}

/** Its own errors (import, syntax) or those of a suite's hooks, which belong to no test. */
function failedOutsideTests(module: TestModule): boolean {
  return module.errors().length > 0 || [...module.children.allSuites()].some((suite) => suite.errors().length > 0);
}
