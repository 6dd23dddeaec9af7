// The backends that the runs of the worker share: one per choice, opened by the first run that asks, closed with the last.
import { openBackend, type BackendChoice, type OpenedBackend } from '../../src/index.js';
import type { Machine } from './protocol.js';

/** As lowered `using` has it, where the browser does not know the symbol. */
const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

interface Shared {
  readonly choice: BackendChoice;
  readonly opening: Promise<OpenedBackend>;
  readonly users: Set<number>;
  /** Its device went away: nobody else is given it. */
  lost: boolean;
}

export class Backends {
  #shared: Shared[] = [];

  async open(choice: BackendChoice, user: number): Promise<{ backend: OpenedBackend; machine: Machine }> {
    const shared = this.#find(choice) ?? this.#add(choice);
    shared.users.add(user);
    const backend = await shared.opening;
    const { kind, adapter, reason } = backend;
    return { backend, machine: { backend: kind, adapter, reason, webgpu: 'gpu' in navigator } };
  }

  release(user: number, lost: boolean): void {
    for (const shared of this.#shared) {
      if (!shared.users.delete(user)) continue;
      shared.lost ||= lost;
      if (shared.users.size === 0) shared.opening.then((backend) => backend[dispose]()).catch(() => undefined);
    }
    this.#shared = this.#shared.filter(({ users }) => users.size > 0);
  }

  #find(wanted: BackendChoice): Shared | undefined {
    return this.#shared.find(({ choice, lost }) => choice === wanted && !lost);
  }

  #add(choice: BackendChoice): Shared {
    const shared = { choice, opening: openBackend(choice), users: new Set<number>(), lost: false };
    this.#shared.push(shared);
    return shared;
  }
}
