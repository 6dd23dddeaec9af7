// A backend that says before every read that it will happen.
import type { Backend } from '../../src/backend/backend.js';

export const watchedReads = (backend: Backend, look: () => void): Backend => ({
  ...backend,
  scope(label) {
    const scope = backend.scope(label);
    const read = scope.read.bind(scope);
    return Object.assign(scope, {
      read: (...range: Parameters<typeof read>) => {
        look();
        return read(...range);
      },
    });
  },
});
