// What is timed: one program, ours or another library's.
export interface Timing {
  /** Seconds by the wall clock, sending and waiting included. */
  readonly wall: number;
  /** Seconds on the device, where it tells. */
  readonly device?: number;
}

/** One program on one library and device, with its inputs in place. */
export interface Contestant {
  readonly name: string;
  /** `count` runs one after another, until the last one is finished. */
  time(count: number): Promise<Timing>;
  /** The answer of the last timed run, row-major; undefined when it has checked it itself. */
  answer(): Promise<ArrayLike<number> | undefined>;
  free(): void;
}
