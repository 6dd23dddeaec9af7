// Targets as someone gives them: by the constructors beside this file, or by hand. The form of each kind, sizes that fit together; numbers
// are those that the constructors have checked.
import { InputError } from '../errors.js';
import { requireKnownNames, shown } from '../names.js';
import {
  isDense,
  isFloat64,
  isFloats,
  isInteger,
  isMatrix,
  isObject,
  isShape,
  isSymmetricKruskal,
  isUint32,
  requireIndices,
} from '../tensor/require.js';
import type { ObservedTarget } from './observed.js';
import type { SensingTarget } from './sensing.js';
import { packedLength, symmetricOrders } from '../tensor/symmetric.js';
import { sizeOf } from '../tensor/shape.js';

type Fields = Partial<Record<string, unknown>>;

interface Form {
  readonly made: string;
  readonly isRight: (fields: Fields) => boolean;
}

/** What each kind of target consists of, in words, and whether fields are that. */
const forms = {
  dense: { made: 'dense(shape, data)', isRight: (fields) => isDense(fields) && fields.shape.length > 1 },
  denseSymmetric: {
    made: 'denseSymmetric(order, dim, data)',
    isRight: ({ order, dim, data }) =>
      isOrder(order) && isPositive(dim) && isFloats(data) && data.length === packedLength(order, dim),
  },
  factored: {
    made: 'factored({ order, dim, weights, vectors })',
    isRight: (fields) => {
      const { order, dim } = fields;
      return isOrder(order) && isSymmetricKruskal(fields) && fields.vectors.columns === dim;
    },
  },
  moments: {
    made: 'moments({ order, samples })',
    isRight: ({ order, dim, samples, weights, cumulant }) =>
      isOrder(order) &&
      isMatrix(samples) &&
      samples.columns === dim &&
      isFloat64(weights) &&
      weights.length === samples.rows &&
      typeof cumulant === 'boolean',
  },
  observed: {
    made: 'observed(shape, indices, values)',
    isRight: ({ shape, count, indices, values }) =>
      isShape(shape) &&
      isFloat64(values) &&
      values.length === count &&
      isUint32(indices) &&
      indices.length === count * shape.length,
  },
  sensing: {
    made: 'sensing(shape, measurements, values)',
    isRight: ({ shape, count, values, measurements }) =>
      isShape(shape) &&
      isFloat64(values) &&
      values.length === count &&
      areMeasurements(measurements, shape, values.length),
  },
} satisfies Record<string, Form>;

type FormedKind = keyof typeof forms;

const isPositive = (value: unknown): value is number => isInteger(value) && value > 0;
const isOrder = (value: unknown): value is number =>
  isPositive(value) && value >= symmetricOrders.min && value <= symmetricOrders.max;

function areMeasurements(value: unknown, shape: readonly number[], count: number): boolean {
  if (!isObject(value)) return false;
  const { kind, data, terms, weights, factors } = value;
  if (kind === 'dense') return isFloats(data) && data.length === count * sizeOf(shape);
  if (kind !== 'kruskal' || !isPositive(terms) || !isFloat64(weights) || !Array.isArray(factors)) return false;
  const rows = count * terms;
  return (
    weights.length === rows &&
    factors.length === shape.length &&
    factors.every((factor, mode) => isMatrix(factor) && factor.rows === rows && factor.columns === shape[mode])
  );
}

const kinds = Object.keys(forms) as FormedKind[];

export const hasForm = (kind: string): boolean => Object.hasOwn(forms, kind);

/** @throws InputError for what is no target, or not of one of these kinds. */
export function requireTarget(who: string, value: unknown, wanted: readonly FormedKind[] = kinds): void {
  const kind = isObject(value) ? value['kind'] : undefined;
  if (kind === undefined) {
    throw new InputError(
      `${who}: expected a target, as ${wanted.map((one) => forms[one].made).join(' or ')} makes it, got ${shown(value)}. Make one.`,
    );
  }
  requireKnownNames(who, [kind], kinds, 'kind of target');
  const found = kinds.find((one) => one === kind);
  if (!found || !wanted.includes(found)) {
    const makers = wanted.map((one) => forms[one].made).join(' or ');
    throw new InputError(`${who}: expected a target of ${makers}, got a ${shown(kind)} one. Give such a target.`);
  }
  const { made, isRight }: Form = forms[found];
  if (isObject(value) && isRight(value)) return;
  throw new InputError(
    `${who}: expected a ${found} target with fields that fit together, got others. Make it by ${made}.`,
  );
}

export function requireSampled(who: string, value: unknown): void {
  requireTarget(who, value, ['observed', 'sensing']);
}

/** The same, and the indices, which nobody has checked in a target made by hand. One pass. */
export function requireCells(
  who: string,
  target: ObservedTarget | SensingTarget,
  wanted: readonly FormedKind[] = ['observed', 'sensing'],
): void {
  requireTarget(who, target, wanted);
  if (target.kind === 'observed') requireIndices(who, target.indices, target.shape);
}
