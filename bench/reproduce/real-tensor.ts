// What is known of a real tensor before it is decomposed.
import type { Half } from './structured-cases.js';

export interface RealTensor {
  readonly name: string;
  readonly half: Half;
  readonly modes: string;
  readonly source: string;
  readonly terms: string;
  /** The rank that the literature gives. */
  readonly rank?: number;
}
