// Families of random instances, and the random numbers that they draw. A family's numbers depend on its name and the seed only, so
// that an instance stays the same whatever families are added or run beside it.
import { randomStream } from '../../src/random/stream.js';
import { problemStreams } from '../../src/random/streams.js';
import type { Instance } from './calibration-verdict.js';

export interface Family {
  /** Target, what is told or how it is given, what is special: parts of a path. */
  readonly name: string;
  /** Of the seeds of a run, the share that this family takes: less than 1 where an instance takes long. */
  readonly share: number;
  readonly draw: (draw: Draw) => Instance;
}

/** Makes the families of one kind of target. */
export const familyOf =
  (target: string, share: number) =>
  (name: string, draw: Family['draw']): Family => ({ name: `${target}/${name}`, share, draw });

export interface Draw {
  readonly seed: number;
  /** Both ends included. */
  readonly integer: (min: number, max: number) => number;
  readonly between: (min: number, max: number) => number;
  readonly oneOf: <T>(choices: readonly T[]) => T;
  readonly sign: () => -1 | 1;
  readonly fillNormal: (array: Float64Array) => Float64Array;
}

/** Planted problems of the same seed draw from the streams before these. */
const drawStreams = problemStreams + 2 ** 20;

export function drawOf(name: string, seed: number): Draw {
  const random = randomStream(seed, drawStreams + hash(name));
  const integer = (min: number, max: number): number => min + Math.floor(random.uniform() * (max - min + 1));
  return {
    seed,
    integer,
    between: (min, max) => min + random.uniform() * (max - min),
    oneOf: (choices) => choices[integer(0, choices.length - 1)]!,
    sign: () => random.sign(),
    fillNormal: (array) => random.fillNormal(array),
  };
}

/** 28 bits: FNV-1a (Fowler, Noll, Vo). */
function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) bits = Math.imul(bits ^ text.charCodeAt(at), 0x01000193);
  return bits >>> 4;
}

/** From 1 down to `last`: the others log-uniform in between, in random order after the first. */
export function spreadWeights(draw: Draw, rank: number, last: number): number[] {
  return Array.from({ length: rank }, (_, r) =>
    r === 0 ? 1 : r === rank - 1 ? last : Math.exp(draw.between(Math.log(last), 0)),
  );
}
