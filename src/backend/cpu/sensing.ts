// Linear measurements of tensors and their adjoint. Twin of shaders/sensing.wgsl.ts.
import type { MeasureAdjoint, MeasureDense, MeasureKruskal, MeasureKruskalAdjoint } from '../operations/sensing.js';
import { numbers } from './arrays.js';

export function measureDense(args: MeasureDense): void {
  const { batch, count, size } = args;
  const [measurements, tensor, prediction] = [
    numbers(args.measurements),
    numbers(args.tensor),
    numbers(args.prediction),
  ];
  for (let b = 0; b < batch; b++) {
    for (let j = 0; j < count; j++) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += measurements[j * size + i]! * tensor[b * size + i]!;
      prediction[b * count + j] = sum;
    }
  }
}

export function measureAdjoint(args: MeasureAdjoint): void {
  const { batch, count, size } = args;
  const [measurements, tensor, derivative] = [
    numbers(args.measurements),
    numbers(args.tensor),
    numbers(args.derivative),
  ];
  tensor.fill(0, 0, batch * size);
  for (let b = 0; b < batch; b++) {
    for (let j = 0; j < count; j++) {
      const weight = derivative[b * count + j]!;
      for (let i = 0; i < size; i++) tensor[b * size + i]! += weight * measurements[j * size + i]!;
    }
  }
}

export function measureKruskal(args: MeasureKruskal): void {
  const { shape, rank, batch, count, terms } = args;
  const [factors, vectors, products] = [
    args.factors.map(numbers),
    args.vectors.map(numbers),
    args.products.map(numbers),
  ];
  const [weights, prediction] = [numbers(args.weights), numbers(args.prediction)];
  const components = count * terms;
  prediction.fill(0, 0, batch * count);
  for (let b = 0; b < batch; b++) {
    for (let q = 0; q < components; q++) {
      for (let c = 0; c < rank; c++) {
        let product = weights[q]!;
        shape.forEach((size, k) => {
          let inner = 0;
          for (let i = 0; i < size; i++) inner += vectors[k]![q * size + i]! * factors[k]![(b * size + i) * rank + c]!;
          products[k]![(b * components + q) * rank + c] = inner;
          product *= inner;
        });
        prediction[b * count + Math.floor(q / terms)]! += product;
      }
    }
  }
}

export function measureKruskalAdjoint(args: MeasureKruskalAdjoint): void {
  const { shape, rank, batch, count, terms, mode } = args;
  const [products, vectors, weights] = [args.products.map(numbers), args.vectors.map(numbers), numbers(args.weights)];
  const [derivative, gradient] = [numbers(args.derivative), numbers(args.gradient)];
  const components = count * terms;
  const size = shape[mode]!;
  gradient.fill(0, 0, batch * size * rank);
  for (let b = 0; b < batch; b++) {
    for (let q = 0; q < components; q++) {
      for (let c = 0; c < rank; c++) {
        let product = derivative[b * count + Math.floor(q / terms)]! * weights[q]!;
        products.forEach((inner, k) => {
          if (k !== mode) product *= inner[(b * components + q) * rank + c]!;
        });
        for (let i = 0; i < size; i++) gradient[(b * size + i) * rank + c]! += product * vectors[mode]![q * size + i]!;
      }
    }
  }
}
