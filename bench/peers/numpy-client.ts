// NumPy as seen from the page: bench/browser.ts exposes a function that has a Python process time a program.
import type { PeerPrograms } from './peer.js';
import type { Contestant } from './contestant.js';

/** Seconds of `count` runs; undefined where there is no Python with NumPy. */
export type NumpyTime = (request: NumpyRequest) => Promise<number | undefined>;

export interface NumpyRequest {
  readonly program: string;
  readonly sizes: Readonly<Record<string, number>>;
  readonly count: number;
}

export async function openNumpy(program: NonNullable<PeerPrograms['numpy']>): Promise<Contestant[]> {
  const { polyadicNumpy: time } = globalThis as unknown as { polyadicNumpy?: NumpyTime };
  if (!time || (await time({ ...program, count: 0 })) === undefined) return [];
  return [
    {
      name: 'NumPy, 1 thread',
      time: async (count) => ({ wall: (await time({ ...program, count })) ?? NaN }),
      answer: () => Promise.resolve(undefined), // it draws its own inputs, and checks itself before it times
      free: () => undefined,
    },
  ];
}
