// Every kernel compiles in every variant its host side can ask for, on this lane's adapter, without a message.
import { expect, test } from 'vitest';
import { kernels } from '../../shaders/index.js';
import { openOwnDevice } from '../support/device.js';

test.each(kernels.map(({ name, sources }) => ({ name, sources })))(
  '$name compiles without a message',
  async ({ sources }) => {
    using own = await openOwnDevice('all');
    const { device } = own;
    for (const source of sources(device.features.has('subgroups'))) {
      const module = device.createShaderModule({ code: source });
      const { messages } = await module.getCompilationInfo();
      expect(messages.map(({ message, lineNum }) => `${message} at ${source.split('\n')[lineNum - 1]}`)).toEqual([]);
    }
  },
);
