// Every kernel compiles in every variant it declares, on this lane's adapter, without a message.
import { expect, expectTypeOf, test } from 'vitest';
import type { Kernel } from '../../shaders/kernel.js';
import type { DeviceArray, OperationArgs } from '../../src/backend/backend.js';
import { openOwnDevice } from '../support/device.js';

const isKernel = (exported: unknown): exported is Kernel =>
  typeof exported === 'object' && exported !== null && 'sources' in exported;

const modules = import.meta.glob<Record<string, unknown>>('../../shaders/*.wgsl.ts', { eager: true });
const kernels = Object.values(modules).flatMap((module) => Object.values(module).filter(isKernel));

test.each(kernels)('$name compiles without a message', async ({ sources }) => {
  using own = await openOwnDevice('all');
  const { device } = own;
  for (const source of sources(device.features.has('subgroups'))) {
    const module = device.createShaderModule({ code: source });
    const { messages } = await module.getCompilationInfo();
    expect(messages.map(({ message, lineNum }) => `${message} at ${source.split('\n')[lineNum - 1]}`)).toEqual([]);
  }
});

test('an operation that is one kernel takes its arrays, parameters and variant, all of them, by name', () => {
  type Scaled = OperationArgs<'scaleColumns'>;
  interface Given {
    batch: number;
    rows: number;
    rank: number;
    by: 'multiply' | 'divide';
    scales: DeviceArray;
    factor: DeviceArray;
  }
  expectTypeOf<Given>().toExtend<Scaled>();
  expectTypeOf<Omit<Given, 'factor'>>().not.toExtend<Scaled>();
  expectTypeOf<Omit<Given, 'factor'> & { factors: DeviceArray }>().not.toExtend<Scaled>();
  expectTypeOf<Omit<Given, 'rank'>>().not.toExtend<Scaled>();
  expectTypeOf<Omit<Given, 'by'> & { by: string }>().not.toExtend<Scaled>();
  expectTypeOf<Omit<Given, 'scales'> & { scales: number }>().not.toExtend<Scaled>();
});
