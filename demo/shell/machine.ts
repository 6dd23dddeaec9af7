// Where the runs of a view compute, and a plain notice how to get WebGPU where they do not have it.
import type { Machine } from '../worker/protocol.js';
import { h } from './elements.js';

export class MachineNote {
  readonly #backend = h('span', { 'data-reading': 'backend' });
  readonly #reason = h('small');
  readonly #notice = h('p', { class: 'notice', 'data-reading': 'notice' });
  readonly element = h(
    'div',
    { class: 'machine' },
    h('dl', {}, h('div', {}, h('dt', {}, 'Computes on'), h('dd', {}, this.#backend, ' ', this.#reason))),
    this.#notice,
    h(
      'p',
      { class: 'notice' },
      'Everything runs in this tab, in a worker; nothing is sent anywhere. The address holds all settings: opening it again runs the same again.',
    ),
  );

  show({ backend, adapter, reason, webgpu }: Machine): void {
    const name = [adapter.vendor, adapter.architecture, adapter.description].filter(Boolean).join(' ');
    const kind = backend === 'webgpu' ? 'WebGPU, float32' : 'CPU, float64';
    this.#backend.textContent = backend === 'webgpu' && name ? `${kind} · ${name}` : kind;
    this.#reason.textContent = reason;
    this.#notice.textContent = backend === 'cpu' && reason !== 'asked for by name' ? cpuNotice(webgpu) : '';
  }

  clear(): void {
    this.#backend.textContent = 'opening …';
    this.#reason.textContent = this.#notice.textContent = '';
  }
}

function cpuNotice(webgpu: boolean): string {
  const how = webgpu
    ? 'Turn on hardware acceleration in the settings of the browser; on Linux, Chrome may also need chrome://flags/#enable-unsafe-webgpu.'
    : isSecureContext
      ? 'Chrome and Edge from version 113 have it, Safari from 26, Firefox from 141 on Windows.'
      : 'Browsers offer it on https and localhost only.';
  return `This runs on the CPU, which is plenty for problems of this size. WebGPU makes large ones fast: ${how}`;
}
