// The public API: re-exports only. Importing it touches no navigator, starts nothing and keeps no global.
export { decompose, decomposeSteps } from './decompose.js';
export { decomposeBatch, type BatchOptions, type BatchOutcome } from './decompose-batch.js';
export type { DecomposeOptions } from './options.js';
export {
  stopReasons,
  type Checkpoint,
  type CompletionReport,
  type Decomposition,
  type DeflationReport,
  type FeedbackAlignmentReport,
  type Progress,
  type StopReason,
} from './result.js';
export {
  algorithmKinds,
  defaultAlgorithm,
  optionTable,
  type AlgorithmChoice,
  type AlgorithmKind,
} from './algorithms/registry.js';
export type { Option as AlgorithmOption, OptionTable } from './algorithms/option-table.js';
export type { AlsOptions } from './algorithms/options/als.js';
export type { BayesianOptions } from './algorithms/options/bayesian.js';
export type { CompressedOptions } from './algorithms/options/compressed.js';
export type { Refusal, RankCandidate } from './rank-choice/candidates.js';
export type { RankChoice } from './rank-choice/rank-choice.js';
export type { Confidence } from './rank-choice/verdict.js';
export { sameModel } from './analysis/agreement.js';
export { congruence, type Congruence, type CongruenceOptions, type Similarity } from './analysis/congruence.js';
export { coreConsistency } from './analysis/core-consistency.js';
export { degeneracy, type Degeneracy } from './analysis/degeneracy.js';
export type { FitOptions, FitProgress } from './fit-options.js';
export { heldOutCells, type HeldOutCells, type HeldOutCellsOptions, type HeldOutFold } from './held-out-cells.js';
export { ranks, type RanksOptions, type RanksProgress } from './ranks.js';
export { splitHalf, type HalfPair, type SplitHalf, type SplitHalfOptions } from './split-half.js';
export type { CompletionOptions } from './algorithms/options/completion.js';
export type { BeyondLazyOptions, PolarFlowOptions, RestartRule } from './algorithms/options/polar-flow.js';
export type { DeflationOptions } from './algorithms/options/deflation.js';
export type { FeedbackAlignmentOptions } from './algorithms/options/feedback-alignment.js';
export type { LazyOptions } from './algorithms/options/lazy.js';
export type { PowerDeflationOptions } from './algorithms/options/power-deflation.js';
export type { StagedOptions } from './algorithms/options/staged.js';
export type { VariationalOptions } from './algorithms/options/variational.js';
export type { VanillaOptions } from './algorithms/options/vanilla.js';
export { dense, type DenseOptions, type DenseTarget } from './targets/dense.js';
export { denseSymmetric, type DenseSymmetricTarget } from './targets/dense-symmetric.js';
export { factored, type FactoredInput, type FactoredTarget } from './targets/factored.js';
export { holdOut, wholeModes, type HeldOut, type HoldOutOptions, type SampledTarget } from './targets/hold-out.js';
export { observed, type ObservedTarget } from './targets/observed.js';
export type { DifferenceLoss, LikelihoodLoss, Loss, LossDomain, LossParameter, LossShader } from './losses/loss.js';
export { defaultLoss, lossNames, lossOf, type LossName } from './losses/losses.js';
export { losses } from './losses/table.js';
export type { DescentRule } from './optimizers/descent.js';
export type { Schedule } from './optimizers/schedule.js';
export { moments, type MomentsInput, type MomentsTarget } from './targets/moments.js';
export {
  sensing,
  type DenseMeasurements,
  type KruskalMeasurements,
  type KruskalMeasurementsInput,
  type SensingTarget,
} from './targets/sensing.js';
export type { KruskalOf, SymmetricTarget, Target, TargetKind } from './targets/target.js';
export type {
  DeviceTensor,
  NestedArray,
  NumberList,
  OnnxTensor,
  ShapedArray,
  TensorLike,
} from './targets/tensor-like.js';
export {
  openBackend,
  tune,
  type TileConfig,
  type Tuning,
  type BackendChoice,
  type OpenBackendOptions,
  type OpenedBackend,
} from './backend/open.js';
export { selfTest, type OperationCheck } from './self-test.js';
export type {
  AdapterDescription,
  Backend,
  BackendKind,
  DeviceArray,
  Operations,
  Scope,
  WebGpuDevice,
} from './backend/backend.js';
export { BackendError, DeviceLostError, InputError } from './errors.js';
export type { Arrival } from './analysis/arrivals.js';
export {
  deviationTensor,
  meanTensor,
  predictIntervals,
  predictWithDeviation,
  type AnyPosterior,
  type IntervalOptions,
  type Intervals,
  type Posterior,
  type Predictions,
  type SampledPosterior,
  type WithPosterior,
} from './analysis/posterior.js';
export { factorSpread, type FactorSpread } from './analysis/factor-spread.js';
export { effectiveSampleSize, splitRHat, type Chains } from './analysis/mixing.js';
export { componentNormRates } from './analysis/component-norm-rates.js';
export { componentNorms, unbalancedness } from './analysis/component-norms.js';
export { effectiveRank, numericalRank } from './analysis/effective-rank.js';
export { factorMatchScore, matchComponents, type ComponentMatch, type MatchOptions } from './analysis/match.js';
export { compress, type CompressedTensor, type TuckerOptions } from './compress.js';
export { compact } from './compact.js';
export type { CompactOptions, Compaction } from './compaction/compact-view.js';
export { psnr } from './analysis/psnr.js';
export { whiten, type Whitening } from './analysis/whiten.js';
export { predict, predictEntries, predictionError } from './analysis/predict.js';
export { heldOutScore, medianError } from './analysis/held-out.js';
export { compactCp, type CompactCpOptions, type CpCompaction } from './compaction/cp/compact-cp.js';
export { relativeError, relativeErrorFloor } from './analysis/relative-error.js';
export {
  lazyThreshold,
  projectionResidual,
  projectOnTangentSpace,
  tangentGram,
  tangentResidualFloor,
  type TangentProjection,
} from './analysis/tangent-space.js';
export { matrix, type Matrix } from './tensor/matrix.js';
export { column, row, toNested } from './tensor/matrix-parts.js';
export { explainedVariance, type ExplainedVariance } from './analysis/explained.js';
export {
  resultFromJson,
  resultToJson,
  summary,
  toRows,
  type FactorRow,
  type Names,
  type ResultJson,
} from './result-text.js';
export { denseNorm, denseTensor, indexAt, type DenseTensor } from './tensor/dense.js';
export { arrange, fixSigns, normalize } from './tensor/normalize.js';
export { norm } from './tensor/inner-product.js';
export {
  largestAsymmetry,
  packKruskal,
  packSymmetric,
  symmetricNorm,
  symmetricTensor,
  unpackSymmetric,
  type Asymmetry,
  type SymmetricTensor,
} from './tensor/symmetric.js';
export {
  componentPrecisions,
  cpLinear,
  cpLinearGradient,
  cpLinearOutput,
  keepComponents,
  transposedCpLinear,
  type CpLinear,
} from './tensor/cp-linear.js';
export { toDense } from './tensor/to-dense.js';
export { cpToTucker, tuckerToDense, type Tucker } from './tensor/tucker.js';
export {
  kruskal,
  symmetricKruskal,
  symmetricToKruskal,
  type AnyKruskal,
  type Kruskal,
  type SymmetricKruskal,
} from './tensor/kruskal.js';
