// Files of the visitor's: chosen, or dropped anywhere on a view.
import { h } from './elements.js';

/** A labeled place for files; the host takes what is dropped on it. */
export function fileInput(
  host: HTMLElement,
  { label, accept }: { readonly label: string; readonly accept: string },
  take: (file: File) => void,
): HTMLElement {
  const input = h('input', { type: 'file', id: 'file', accept });
  const taken = (file: File | undefined): void => {
    if (file) take(file);
  };
  input.addEventListener('change', () => taken(input.files?.[0]));
  // So that the same file can be chosen once more.
  input.addEventListener('click', () => (input.value = ''));
  host.addEventListener('dragover', (event) => {
    event.preventDefault();
    host.dataset['dropping'] = 'true';
  });
  host.addEventListener('dragleave', () => delete host.dataset['dropping']);
  host.addEventListener('drop', (event) => {
    event.preventDefault();
    delete host.dataset['dropping'];
    taken(event.dataTransfer?.files[0]);
  });
  return h('div', { class: 'drop' }, h('label', { for: 'file' }, label), input);
}
