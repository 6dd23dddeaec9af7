// THE contract of a backend. A backend is a place where arrays of numbers live and where the few operations that the
// algorithms are made of run: `cpu` in float64 (the oracle of every test), `webgpu` in float32. Algorithms are written once,
// against this file. A backend hands out scopes; a scope owns every array made in it and frees them all at once.
// Operations only record: nothing has to have run before `flush` resolves or `read` answers. Only these two are awaited.
// Operations of a scope write its own arrays alone; they may read those of others.
// Sizes are numbers of entries, all arrays are row-major, every operation runs over a leading batch axis.
/// <reference lib="esnext.disposable" preserve="true" />

import type { DenseOperations } from './operations/dense.js';
import type { DenseSymmetricOperations } from './operations/dense-symmetric.js';
import type { DescentOperations } from './operations/descent.js';
import type { FactoredOperations } from './operations/factored.js';
import type { KernelOperations } from './operations/kernels.js';
import type { LargeOrderOperations } from './operations/large-order.js';
import type { ModeProductOperations } from './operations/mode-products.js';
import type { ObservedOperations } from './operations/observed.js';
import type { ReduceOperations } from './operations/reduce.js';
import type { SensingOperations } from './operations/sensing.js';

export type { DenseModel } from './operations/dense.js';
export type { LargeOrderEntries } from './operations/large-order.js';
export type { DeviceSegments, StackedModel } from './operations/observed.js';

export type BackendKind = 'webgpu' | 'cpu';

export interface AdapterDescription {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  /** A software adapter: correct, but slower than the cpu backend. */
  readonly software: boolean;
}

/** A GPUDevice, told by its parts: so programs that use the package compile without the types of WebGPU. */
export interface WebGpuDevice {
  readonly features: object;
  readonly limits: object;
  readonly queue: object;
  readonly lost: Promise<unknown>;
  createBuffer(descriptor: never): object;
  destroy(): void;
}

export interface Backend extends Disposable {
  readonly kind: BackendKind;
  readonly adapter: AdapterDescription;
  /** Unit roundoff of its arithmetic: 2⁻²⁴ or 2⁻⁵³. */
  readonly roundoff: number;
  /** Largest array in entries. */
  readonly maxLength: number;
  /** Arrays not yet freed, in all scopes. */
  readonly liveBuffers: number;
  /** How often its device was lost and replaced. */
  readonly replacements?: number;
  /** After an abort of the signal, a flush or a read of the scope may throw an AbortedError: what is recorded is not worth its time any more. */
  scope(label: string, signal?: AbortSignal): Scope;
}

/** The CPU without operations: enough for an algorithm that works in float64 and calls none, and quicker to load. */
export interface Host extends Pick<Backend, 'adapter' | 'roundoff'> {
  readonly kind: 'cpu';
}

/** An array that lives on the backend. */
export interface DeviceArray {
  readonly label: string;
  readonly length: number;
}

/** Integers that live on the backend, made once by the host: rows, entry numbers, offsets. Never read back. */
export interface IndexArray {
  readonly label: string;
  readonly length: number;
  readonly integers: true;
}

/** A dense tensor on a backend. */
export interface DeviceTensor {
  /** Owns the array. */
  readonly scope: Scope;
  /** Of the backend. */
  readonly roundoff: number;
  readonly shape: readonly number[];
  /** `[size]` */
  readonly array: DeviceArray;
}

export interface Scope extends Operations, Disposable {
  /**
   * A new array, zero or with a copy of `content` (rounded to the backend's precision here and nowhere else). Leave `content` unchanged: where a
   * device is lost, the array is made anew from it.
   */
  array(label: string, content: number | Float64Array | Float32Array): DeviceArray;
  /** A new array of integers with a copy of `content`, which stays unchanged as well. */
  indices(label: string, content: Uint32Array): IndexArray;
  /** Replaces entries of an array, from entry `first` (default 0) on. Everything recorded before must have been flushed or read. */
  write(array: DeviceArray, content: Float64Array, first?: number): void;
  /** Sends what is recorded and waits until it has run. */
  flush(): Promise<void>;
  /** Sends what is recorded and reads one array back, or its entries first … end − 1. */
  read(array: DeviceArray, first?: number, end?: number): Promise<Float64Array>;
}

/**
 * THE table of operations. Those that are one dispatch of one kernel are listed in operations/kernels.ts and declared by their
 * kernels; the others are declared by family in operations/. The lists of both backends, and the tests that every operation
 * repeats its bits and agrees between the backends, are checked against it.
 */
export interface Operations
  extends
    KernelOperations,
    DenseOperations,
    DenseSymmetricOperations,
    DescentOperations,
    FactoredOperations,
    LargeOrderOperations,
    ModeProductOperations,
    ObservedOperations,
    ReduceOperations,
    SensingOperations {}

/** What an operation is given. */
export type OperationArgs<name extends keyof Operations> = Parameters<Operations[name]>[0];
