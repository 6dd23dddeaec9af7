// The benchmark inside the page: bench/browser.ts opens it and calls these two through window.
import { openDevice } from './device.js';
import { chosenCases } from './families.js';
import { openAllPeers } from './peers/all.js';
import { runFamily, type FamilyResult, type RunOptions } from './run-family.js';

const page = {
  async families({ names, quick }: RunOptions): Promise<string[]> {
    const { device, info } = await openDevice();
    device.destroy();
    return chosenCases(names, quick, info.software).map(([family]) => family);
  },
  /** Progress goes to the console. */
  run: (family: string, options: RunOptions): Promise<FamilyResult> =>
    runFamily(family, options, openAllPeers, (line) => console.log(line)),
};

export type BenchPage = typeof page;

Object.assign(window, { polyadicBench: page });
