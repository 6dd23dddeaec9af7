// What the operations of the webgpu backend work with: the recorder, the tiles that suit the adapter, and scratch arrays.
import type { RegisterTile } from '../../../shaders/lib/register-tile.js';
import type { SharedTile } from '../../../shaders/lib/shared-tile.js';
import type { GpuArray } from './arrays.js';
import type { Recorder } from './recorder.js';

export interface Context {
  readonly recorder: Recorder;
  /** The tile of a product of that many rows and columns whose operands are loaded by every invocation. */
  registerTile(rows: number, columns: number): RegisterTile;
  /** A shared-memory tile, where the adapter is faster with them and the product fills one. */
  sharedTile(rows: number, columns: number): SharedTile | undefined;
  /** A scratch array of the scope: the same one for the same name and length. */
  scratch(name: string, length: number): GpuArray;
  /** An array of ones. */
  ones(length: number): GpuArray;
  readonly software: boolean;
  readonly subgroups: boolean;
  /** Workgroups that keep the whole adapter at work. */
  readonly workgroupsToFill: number;
}
