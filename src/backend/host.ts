// What there is to say of float64 on the CPU before its operations are loaded.
import type { Host } from './backend.js';

export const host: Host = {
  kind: 'cpu',
  adapter: { vendor: '', architecture: '', description: 'float64 on the CPU', software: false },
  roundoff: 2 ** -53,
};
