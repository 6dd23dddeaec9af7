// THE contract of a backend. A backend is a place where arrays of numbers live and where the few operations that the
// algorithms are made of run: `cpu` in float64 (the oracle of every test), `webgpu` in float32. Algorithms are written once,
// against this file. A backend hands out scopes; a scope owns every array made in it and frees them all at once.
// Operations only record: nothing has to have run before `flush` resolves or `read` answers. Only these two are awaited.
// Sizes are numbers of entries, all arrays are row-major, every operation runs over a leading batch axis.

import type { AlignmentOperations } from './operations/alignment.js';
import type { ColumnsOperations } from './operations/columns.js';
import type { DenseOperations } from './operations/dense.js';
import type { DenseSymmetricOperations } from './operations/dense-symmetric.js';
import type { DescentOperations } from './operations/descent.js';
import type { FactoredOperations } from './operations/factored.js';
import type { FlowOperations } from './operations/flow.js';
import type { GramOperations } from './operations/gram.js';
import type { LargeOrderOperations } from './operations/large-order.js';
import type { MomentsOperations } from './operations/moments.js';
import type { NormalEquationsOperations } from './operations/normal-equations.js';
import type { ObservedOperations } from './operations/observed.js';
import type { ReduceOperations } from './operations/reduce.js';
import type { SensingOperations } from './operations/sensing.js';
import type { TraceOperations } from './operations/trace.js';

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

export interface Backend extends Disposable {
  readonly kind: BackendKind;
  readonly adapter: AdapterDescription;
  /** Unit roundoff of its arithmetic: 2⁻²⁴ or 2⁻⁵³. */
  readonly roundoff: number;
  /** Largest array in entries. */
  readonly maxLength: number;
  /** Arrays not yet freed, in all scopes. */
  readonly liveBuffers: number;
  scope(label: string): Scope;
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

export interface Scope extends Operations, Disposable {
  /** A new array, zero or with a copy of `content` (rounded to the backend's precision here and nowhere else). */
  array(label: string, content: number | Float64Array | Float32Array): DeviceArray;
  /** A new array of integers with a copy of `content`. */
  indices(label: string, content: Uint32Array): IndexArray;
  /** Replaces the entries of an array. Everything recorded before must have been flushed or read. */
  write(array: DeviceArray, content: Float64Array): void;
  /** Sends what is recorded and waits until it has run. */
  flush(): Promise<void>;
  /** Sends what is recorded and reads one array back. */
  read(array: DeviceArray): Promise<Float64Array>;
}

/** Every operation of a backend, by family; each family is a file of the same stem in operations/, cpu/, webgpu/ and shaders/. */
export interface Operations
  extends
    AlignmentOperations,
    ColumnsOperations,
    DenseOperations,
    DenseSymmetricOperations,
    DescentOperations,
    FactoredOperations,
    FlowOperations,
    GramOperations,
    LargeOrderOperations,
    MomentsOperations,
    NormalEquationsOperations,
    ObservedOperations,
    SensingOperations,
    ReduceOperations,
    TraceOperations {}
