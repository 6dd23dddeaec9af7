// THE contract of a backend. A backend is a place where arrays of numbers live and where the few operations that the
// algorithms are made of run: `cpu` in float64 (the oracle of every test), `webgpu` in float32. Algorithms are written once,
// against this file. A backend hands out scopes; a scope owns every array made in it and frees them all at once.
// Operations only record: nothing has to have run before `flush` resolves or `read` answers. Only these two are awaited.
// Sizes are numbers of entries, all arrays are row-major, every operation runs over a leading batch axis.

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

export interface Scope extends Operations, Disposable {
  /** A new array, zero or with a copy of `content` (rounded to the backend's precision here and nowhere else). */
  array(label: string, content: number | Float64Array | Float32Array): DeviceArray;
  /** Sends what is recorded and waits until it has run. */
  flush(): Promise<void>;
  /** Sends what is recorded and reads one array back. */
  read(array: DeviceArray): Promise<Float64Array>;
}

export interface Operations {
  /**
   * Contraction of a symmetric tensor in factored form, E = Σ_b weights[b] · vectors[b]^{⊗ order}, with queries q_i:
   * contraction[i] = E(·, q_i, …, q_i), strengths[i] = E(q_i, …, q_i). queries [batch, rows, dim] with `queryStride` entries
   * between batch items, vectors [batch, columns, dim], weights [batch, columns]. 4 · batch · rows · columns · dim flops.
   */
  contractFactored(args: ContractFactored): void;
  /** A gradient step of Σ c_i u_i^{⊗ order} on ½‖E‖²: c_i −= η · s_i, u_i −= η · order · c_i · A_i, both from the old c_i. */
  updateVanilla(args: UpdateVanilla): void;
  /** residual[b] = (model of batch item b) − tensor, entry by entry; model = Σ_c ∘_k factors[k][b][:, c]. [batch, size]. */
  residualDense(args: ResidualDense): void;
  /** product[b] = X_(mode) · (⊙_{k ≠ mode} factors[k][b]), [batch, shape[mode], rank]; X is [size] or one a batch item. */
  mttkrpDense(args: MttkrpDense): void;
  /** out[b] = Σ values[b]²; values [batch, length]. */
  sumOfSquares(args: SumOfSquares): void;
  /** gram[b][p, q] = ⟨vector p, vector q⟩; entry k of vector p of batch item b at (b · count · length) + p · vectorStride + k · entryStride. */
  gram(args: Gram): void;
  /** Cholesky factor of ∘_{k ≠ mode} grams[k][b] + ridge · (trace / rank) · I, lower triangle, [batch, rank, rank]. */
  factorNormalMatrix(args: FactorNormalMatrix): void;
  /** factor[b] −= rightSide[b] · (L Lᵀ)⁻¹, row by row; rightSide [batch, rows, rank] is overwritten. */
  subtractSolution(args: SubtractSolution): void;
  /** norms[b][c] = ‖factor[b][:, c]‖; factor [batch, rows, rank]. */
  columnNorms(args: ColumnNorms): void;
  /** factor[b][:, c] ·= or /= scales[b][c]; a zero divisor leaves its column alone. */
  scaleColumns(args: ScaleColumns): void;
}

export interface ContractFactored {
  readonly order: number;
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly dim: number;
  readonly queries: DeviceArray;
  readonly queryStride: number;
  readonly vectors: DeviceArray;
  readonly weights: DeviceArray;
  readonly contraction: DeviceArray;
  readonly strengths: DeviceArray;
}

export interface UpdateVanilla {
  readonly order: number;
  readonly batch: number;
  /** Components of the model: the first rows of `vectors`. */
  readonly rows: number;
  readonly columns: number;
  readonly dim: number;
  readonly learningRate: number;
  readonly contraction: DeviceArray;
  readonly strengths: DeviceArray;
  readonly vectors: DeviceArray;
  readonly weights: DeviceArray;
}

interface DenseModel {
  readonly shape: readonly number[];
  readonly rank: number;
  readonly batch: number;
  /** One array a mode, `[batch, shape[mode], rank]`. */
  readonly factors: readonly DeviceArray[];
}

export interface ResidualDense extends DenseModel {
  readonly tensor: DeviceArray;
  readonly residual: DeviceArray;
}

export interface MttkrpDense extends DenseModel {
  readonly mode: number;
  readonly tensor: DeviceArray;
  readonly product: DeviceArray;
}

export interface SumOfSquares {
  readonly batch: number;
  readonly length: number;
  readonly values: DeviceArray;
  readonly out: DeviceArray;
}

export interface Gram {
  readonly batch: number;
  readonly count: number;
  readonly length: number;
  readonly vectorStride: number;
  readonly entryStride: number;
  readonly values: DeviceArray;
  readonly gram: DeviceArray;
  /** First entry of `gram` to be written. */
  readonly outOffset: number;
}

export interface FactorNormalMatrix {
  readonly order: number;
  readonly mode: number;
  readonly batch: number;
  readonly rank: number;
  readonly ridge: number;
  /** `[order, batch, rank, rank]` */
  readonly grams: DeviceArray;
  readonly cholesky: DeviceArray;
}

interface FactorShape {
  readonly batch: number;
  readonly rows: number;
  readonly rank: number;
}

export interface SubtractSolution extends FactorShape {
  readonly cholesky: DeviceArray;
  readonly rightSide: DeviceArray;
  readonly factor: DeviceArray;
}

export interface ColumnNorms extends FactorShape {
  readonly factor: DeviceArray;
  readonly norms: DeviceArray;
}

export interface ScaleColumns extends FactorShape {
  readonly by: 'multiply' | 'divide';
  readonly scales: DeviceArray;
  readonly factor: DeviceArray;
}
