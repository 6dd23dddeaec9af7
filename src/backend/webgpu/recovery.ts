// A device that may be lost, and what brings it back. Of every array the host remembers its content at the last snapshot, and in a
// journal what was sent since then: dispatches and writes, in their order. A device of our own that is lost is replaced; all arrays are
// made anew there and the journal is sent again. Kernels repeat their bits, so nobody above notices: neither the algorithm, whatever it
// is, nor the answer. A borrowed device belongs to the caller, who learns of the loss instead.
import { DeviceLostError } from '../../errors.js';
import type { AdapterDescription } from '../backend.js';
import { mapModeRead, recreateArray, usage, writeArray, type GpuArray, type Memory } from './arrays.js';
import { openDevice, type OpenDevice } from './device.js';
import { withErrors, type ErrorOfCalls } from './error-scopes.js';
import { resting } from './rest.js';

/** What is sent together, and can be sent again. */
export interface Sending {
  /** Arrays that it reads or writes, and those among them that it writes. */
  readonly arrays: ReadonlySet<GpuArray>;
  readonly changed: ReadonlySet<GpuArray>;
  /** Dispatches. */
  readonly count: number;
  send(): void | Promise<void>;
}

/** A part of an array, and where a snapshot puts it in the staging buffer; in bytes. */
interface Piece {
  readonly array: GpuArray;
  readonly copy: Float32Array;
  readonly from: number;
  readonly size: number;
  readonly at: number;
}

/** Devices opened after one loss before it is final, and milliseconds before the second of them; ten times as long before the third. */
const maxTries = 3;
const pauseBeforeTry = 100;
/** Losses with no snapshot between them: what is sent again may be what ends the device. */
const maxLosses = 3;
/** A lost device first makes a call fail; that it is lost is said within so many milliseconds. */
const lossIsKnownAfter = 50;
/** A snapshot takes at most a fiftieth of the time of the work since the last one, and what is done again at most this or 50 snapshots. */
const workPerSnapshot = 50;
const minWorkMilliseconds = 250;
/** Milliseconds of a snapshot: of its submit, and per byte (0.5 GB/s). */
const snapshotMilliseconds = (bytes: number): number => 1 + bytes / 5e5;
/** Dispatches that the journal keeps: about 8 MB. */
const maxDispatches = 8192;
/** Bytes of writes that it keeps, beside four times what a snapshot reads. */
const maxWritten = 2 ** 26;
/** Bytes that a snapshot reads back at a time. */
const stagingBytes = 2 ** 26;

export class RecoverableDevice {
  /** Bytes of all arrays, and of the largest there may be. */
  readonly memory: Memory;
  readonly borrowed: boolean;
  /** Set where the device was lost for good. */
  loss: DeviceLostError | undefined;
  /** How often it was replaced. */
  replacements = 0;
  #open: OpenDevice;
  #lostMessage: string | undefined;
  readonly #arrays = new Set<GpuArray>();
  /** In order. A set, because it may grow and shrink while it is sent again. */
  readonly #journal = new Set<Sending>();
  /** Of the journal: dispatches, bytes of writes, milliseconds of work. */
  #dispatches = 0;
  #written = 0;
  #worked = 0;
  #lossesSinceSnapshot = 0;
  readonly #snapshotEvery: number | undefined;
  /** Writes wait in the journal while it is being sent again. */
  #isReplaying = false;
  #isDisposed = false;
  #lastTurn: Promise<unknown> = Promise.resolve();

  /** `snapshotEvery`: dispatches between two snapshots; by what they cost when left out. */
  constructor(open: OpenDevice, maxArrayBytes: number, snapshotEvery?: number) {
    this.#open = open;
    this.borrowed = open.borrowed;
    this.memory = { maxArrayBytes, used: 0 };
    this.#snapshotEvery = snapshotEvery;
    this.#watchLoss();
  }

  get device(): GPUDevice {
    return this.#open.device;
  }

  get adapter(): AdapterDescription {
    return this.#open.adapter;
  }

  get isLost(): boolean {
    return this.#lostMessage !== undefined;
  }

  /** Whoever sends something or reads it back takes turns, so that nobody sees arrays that are being restored. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastTurn.then(work);
    this.#lastTurn = turn.catch(() => {});
    return turn;
  }

  /** Remembers an array that was made. */
  add(array: GpuArray): void {
    this.#arrays.add(array);
  }

  /** Forgets arrays, and what was done to them. An operation writes arrays of one scope alone, and these go together. */
  forget(arrays: ReadonlySet<GpuArray>): void {
    for (const array of arrays) this.#arrays.delete(array);
    for (const entry of this.#journal) {
      if ([...entry.arrays].some((array) => arrays.has(array))) this.#journal.delete(entry);
    }
  }

  /** Replaces entries of an array. */
  write(array: GpuArray, content: Float64Array, first: number): void {
    const write = (): void => writeArray(this.device, array, converted, first);
    const converted = this.borrowed ? content : new Float32Array(content);
    this.#written += converted.byteLength;
    this.note({ arrays: new Set([array]), changed: new Set([array]), count: 0, send: write });
    if (!this.#isReplaying) write();
  }

  /** Notes what is about to be sent; dispatches in a turn of `alone`. */
  note(sending: Sending): void {
    if (this.borrowed) return;
    for (const array of sending.changed) array.isChanged = true;
    this.#dispatches += sending.count;
    this.#journal.add(sending);
  }

  /** A submit took so long. */
  worked(milliseconds: number): void {
    this.#worked += milliseconds;
  }

  /** Reads changed arrays back where enough was done since the last time. Where that fails, the journal stays as it is. */
  async snapshotIfDue(): Promise<void> {
    if (this.borrowed || !this.#isSnapshotDue()) return;
    await this.alone(async () => {
      if (this.isLost || !this.#isSnapshotDue()) return;
      const done = [...this.#journal];
      const copies = await this.#copies(this.#changed()).catch(() => undefined);
      if (!copies) return;
      for (const [array, copy] of copies) {
        array.content = copy;
        array.isChanged = false;
      }
      // What was written meanwhile stays, and is written once more after a loss: that changes nothing.
      for (const entry of done) this.#journal.delete(entry);
      for (const { changed } of this.#journal) for (const array of changed) array.isChanged = true;
      this.#dispatches = 0;
      this.#written = 0;
      this.#worked = 0;
      this.#lossesSinceSnapshot = 0;
    });
  }

  /** Whether there is another device in place of this one, which a call failed on; if it was lost and need not stay so, opens one. */
  async replaced(device: GPUDevice): Promise<boolean> {
    return this.alone(async () => {
      if (this.device !== device) return true;
      await Promise.race([device.lost, new Promise((resolve) => setTimeout(resolve, lossIsKnownAfter))]);
      if (!this.isLost || this.loss) return false;
      const isReplaced = !this.borrowed && (await this.#replace());
      if (!isReplaced) this.loss = new DeviceLostError(`webgpu: the device was lost. ${this.#lostMessage ?? ''}`);
      return isReplaced;
    });
  }

  destroy(): void {
    this.#isDisposed = true;
    if (!this.borrowed) this.device.destroy();
  }

  #watchLoss(): void {
    const { device } = this;
    this.#lostMessage = undefined;
    void device.lost.then(({ message }) => {
      if (this.device === device) this.#lostMessage = message;
    });
  }

  #changed(): GpuArray[] {
    return [...this.#arrays].filter(({ isChanged }) => isChanged);
  }

  #isSnapshotDue(): boolean {
    if (this.#snapshotEvery !== undefined) return this.#dispatches >= this.#snapshotEvery;
    if (this.#dispatches >= maxDispatches) return true;
    if (this.#worked < minWorkMilliseconds && this.#written < maxWritten) return false;
    const bytes = this.#changed().reduce((sum, { length }) => sum + 4 * length, 0);
    return this.#worked >= workPerSnapshot * snapshotMilliseconds(bytes) || this.#written >= maxWritten + 4 * bytes;
  }

  async #replace(): Promise<boolean> {
    const lost = this.device;
    for (let tries = 0; tries < maxTries && this.#lossesSinceSnapshot < maxLosses; tries++) {
      if (tries > 0) await new Promise((resolve) => setTimeout(resolve, pauseBeforeTry * 10 ** (tries - 1)));
      if (this.#isDisposed) return false;
      const open = await openDevice(undefined, lost).catch(() => undefined);
      if (!open) continue;
      if (this.#isDisposed) {
        open.device.destroy();
        return false;
      }
      this.#open = open;
      this.#watchLoss();
      this.replacements++;
      this.#lossesSinceSnapshot++;
      if (await this.#restore()) return true;
      open.device.destroy();
    }
    return false;
  }

  /** Brings a new device to where the lost one was. False where it was lost as well, or has no room. */
  async #restore(): Promise<boolean> {
    const { device } = this;
    this.#isReplaying = true;
    try {
      const { error } = withErrors(device, () => {
        for (const array of this.#arrays) recreateArray(device, array);
      });
      for (const entry of this.#journal) {
        for (const array of entry.changed) array.isChanged = true;
        await entry.send();
      }
      this.#isReplaying = false;
      await resting(device.queue.onSubmittedWorkDone());
      return (await error) === undefined && !this.isLost;
    } catch {
      return false;
    } finally {
      this.#isReplaying = false;
    }
  }

  async #copies(arrays: readonly GpuArray[]): Promise<Map<GpuArray, Float32Array>> {
    const copies = new Map(arrays.map((array) => [array, new Float32Array(array.length)] as const));
    const groups = piecesOf(copies);
    const errors: ErrorOfCalls[] = [];
    const watched = <T>(calls: () => T): T => {
      const { value, error } = withErrors(this.device, calls);
      errors.push(error);
      return value;
    };
    const size = Math.max(16, ...groups.map((group) => group.reduce((sum, piece) => sum + piece.size, 0)));
    const staging = watched(() =>
      this.device.createBuffer({ label: 'snapshot', size, usage: usage.mapRead | usage.copyTarget }),
    );
    try {
      for (const group of groups) {
        watched(() => {
          const encoder = this.device.createCommandEncoder({ label: 'snapshot' });
          for (const { array, from, at, size: length } of group)
            encoder.copyBufferToBuffer(array.buffer, from, staging, at, length);
          this.device.queue.submit([encoder.finish()]);
        });
        await resting(watched(() => staging.mapAsync(mapModeRead)));
        const mapped = staging.getMappedRange();
        for (const { copy, from, at, size: length } of group)
          copy.set(new Float32Array(mapped, at, length / 4), from / 4);
        staging.unmap();
      }
    } finally {
      staging.destroy();
    }
    const error = (await Promise.all(errors)).find((one) => one !== undefined);
    if (error) throw new Error(error.message);
    return copies;
  }
}

/** In groups that fill the staging buffer at most. */
function piecesOf(copies: ReadonlyMap<GpuArray, Float32Array>): Piece[][] {
  const groups: Piece[][] = [];
  let group: Piece[] = [];
  let at = stagingBytes;
  for (const [array, copy] of copies) {
    for (let from = 0; from < copy.byteLength;) {
      if (at >= stagingBytes) {
        groups.push((group = []));
        at = 0;
      }
      const size = Math.min(copy.byteLength - from, stagingBytes - at);
      group.push({ array, copy, from, size, at });
      from += size;
      at += size;
    }
  }
  return groups;
}
