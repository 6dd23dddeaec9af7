// The form beside the plots, made from the table of fields. A change that can be used is passed on; one that cannot is
// marked, told, and changes nothing.
import {
  defaults,
  expectation,
  fields,
  fieldsOf,
  parseField,
  type Configuration,
  type Field,
  type FieldName,
  type Problem,
} from './configuration.js';

const groups: readonly (readonly [legend: string, names: readonly FieldName[]])[] = [
  ['Problem', ['problem', 'order', 'dim', 'rank', 'noise', 'collinearity', 'problemSeed']],
  ['Search', ['width', 'starts', 'seed', 'initScale', 'rate', 'tolerance', 'maxSteps']],
  ['Machine', ['backend', 'speed']],
];

export class Controls {
  readonly #host: HTMLElement;
  readonly #onChange: (configuration: Configuration, changed: FieldName) => void;
  #configuration: Configuration;

  constructor(
    host: HTMLElement,
    configuration: Configuration,
    onChange: (configuration: Configuration, changed: FieldName) => void,
  ) {
    this.#host = host;
    this.#configuration = configuration;
    this.#onChange = onChange;
    host.addEventListener('change', ({ target }) => this.#changed(target as HTMLInputElement | HTMLSelectElement));
    host.addEventListener('submit', (event) => event.preventDefault());
    this.#build();
  }

  get configuration(): Configuration {
    return this.#configuration;
  }

  /** Shows another configuration; does not call back. */
  set configuration(configuration: Configuration) {
    const rebuild = configuration.problem !== this.#configuration.problem;
    this.#configuration = configuration;
    if (rebuild) this.#build();
    for (const name of fieldsOf(configuration.problem)) this.#show(name);
  }

  #build(): void {
    const known = fieldsOf(this.#configuration.problem);
    const focused = document.activeElement?.id;
    this.#host.replaceChildren(
      ...groups.map(([legend, names]) => {
        const group = document.createElement('fieldset');
        group.append(Object.assign(document.createElement('legend'), { textContent: legend }));
        group.append(...names.filter((name) => known.includes(name)).map((name) => fieldRow(name, fields[name])));
        return group;
      }),
    );
    for (const name of known) this.#show(name);
    if (focused) document.getElementById(focused)?.focus();
  }

  #show(name: FieldName): void {
    const input = document.getElementById(`field-${name}`) as HTMLInputElement | HTMLSelectElement | null;
    if (!input) return;
    input.value = String(this.#configuration[name]);
    mark(input, '');
  }

  #changed(input: HTMLInputElement | HTMLSelectElement): void {
    const name = input.name as FieldName;
    const value = parseField(fields[name], input.value);
    mark(input, value === undefined ? `Give ${expectation(fields[name])}.` : '');
    if (value === undefined) return;
    if (name === 'problem') {
      const { backend, speed } = this.#configuration;
      this.configuration = { ...defaults[value as Problem], backend, speed };
    } else {
      this.#configuration = { ...this.#configuration, [name]: value };
    }
    this.#onChange(this.#configuration, name);
  }
}

/** A label, its input, a hint, and a place for what is wrong. */
function fieldRow(name: FieldName, field: Field): HTMLElement {
  const row = document.createElement('div');
  row.className = 'field';
  const id = `field-${name}`;
  const label = Object.assign(document.createElement('label'), { htmlFor: id, textContent: field.label });
  if (field.hint) label.append(Object.assign(document.createElement('small'), { textContent: field.hint }));
  const problem = Object.assign(document.createElement('p'), { id: `${id}-problem`, className: 'problem' });
  const input = field.kind === 'choice' ? select(field.choices) : numberInput(field.kind);
  Object.assign(input, { id, name });
  input.setAttribute('aria-describedby', problem.id);
  row.append(label, input, problem);
  return row;
}

function select(choices: readonly (readonly [string | number, string])[]): HTMLSelectElement {
  const node = document.createElement('select');
  node.append(...choices.map(([value, label]) => new Option(label, String(value))));
  return node;
}

/** Text, not type=number: 1e-8 must stay as written, and a wheel over the page must not change it. */
function numberInput(kind: 'integer' | 'number'): HTMLInputElement {
  const node = document.createElement('input');
  return Object.assign(node, {
    type: 'text',
    inputMode: kind === 'integer' ? 'numeric' : 'decimal',
    autocomplete: 'off',
  });
}

function mark(input: HTMLInputElement | HTMLSelectElement, problem: string): void {
  input.setAttribute('aria-invalid', String(problem !== ''));
  const place = document.getElementById(`${input.id}-problem`);
  if (place) place.textContent = problem;
}
