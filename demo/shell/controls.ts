// The form of a view, made from its table of fields. A change that can be used is passed on; one that cannot is marked,
// told, and changes nothing.
import { applicable, expectation, fromQuery, parseField, type Field, type FieldName, type Form } from './fields.js';
import { h } from './elements.js';

type Input = HTMLInputElement | HTMLSelectElement;

export class Controls<S> {
  readonly element = h('form', { class: 'controls', novalidate: true });
  readonly #form: Form<S>;
  readonly #onChange: (settings: S, changed: FieldName<S>) => void;
  #settings: S;
  #shown = '';

  constructor(form: Form<S>, onChange: (settings: S, changed: FieldName<S>) => void) {
    this.#form = form;
    this.#onChange = onChange;
    this.#settings = form.defaults;
    this.element.addEventListener('change', ({ target }) => this.#changed(target as Input));
    this.element.addEventListener('submit', (event) => event.preventDefault());
    this.#build();
  }

  get settings(): S {
    return this.#settings;
  }

  /** Shows other settings; does not call back. */
  set settings(settings: S) {
    this.#settings = settings;
    this.#build();
    for (const name of applicable(this.#form, settings)) this.#show(name);
  }

  /** Shows what an address asks for; what is wrong with it, in words. */
  take(query: URLSearchParams): string {
    const { settings, complaints } = fromQuery(this.#form, query);
    this.settings = settings;
    return complaints.join(' ');
  }

  /** Rebuilds only where other fields apply, and keeps the focus. */
  #build(): void {
    const known = applicable(this.#form, this.#settings);
    if (known.join() === this.#shown) return;
    this.#shown = known.join();
    const focused = document.activeElement?.id;
    const { groups, fields } = this.#form;
    const sets = groups.map(([legend, names]) => {
      const rows = names.filter((name) => known.includes(name)).map((name) => fieldRow(name, fields[name]));
      return rows.length > 0 ? [h('fieldset', {}, h('legend', {}, legend), ...rows)] : [];
    });
    this.element.replaceChildren(...sets.flat());
    for (const name of known) this.#show(name);
    if (focused) document.getElementById(focused)?.focus();
  }

  #show(name: FieldName<S>): void {
    const value = String(this.#settings[name]);
    if (this.#form.fields[name].kind === 'several') {
      for (const box of this.#boxes(name)) box.checked = value.split(',').includes(box.value);
    } else {
      const input = this.element.querySelector<Input>(`#field-${name}`);
      if (input) input.value = value;
    }
    this.#mark(name, '');
  }

  #changed(input: Input): void {
    const name = input.name as FieldName<S>;
    const field = this.#form.fields[name];
    const checked = this.#boxes(name).filter((box) => box.checked);
    const text = field.kind === 'several' ? checked.map((box) => box.value).join() : input.value;
    const value = parseField(field, text);
    this.#mark(name, value === undefined ? `Give ${expectation(field)}.` : '');
    if (value === undefined) return;
    this.#settings = { ...this.#settings, [name]: value };
    this.#build();
    this.#onChange(this.#settings, name);
  }

  #boxes(name: string): HTMLInputElement[] {
    return [...this.element.querySelectorAll<HTMLInputElement>(`input[type=checkbox][name=${name}]`)];
  }

  #mark(name: string, problem: string): void {
    for (const input of this.element.querySelectorAll(`[name=${name}]`)) {
      input.setAttribute('aria-invalid', String(problem !== ''));
    }
    const place = this.element.querySelector(`#field-${name}-problem`);
    if (place) place.textContent = problem;
  }
}

/** A label, its input, a hint, and a place for what is wrong. */
function fieldRow<S>(name: string, field: Field<S>): HTMLElement {
  const id = `field-${name}`;
  const problem = h('p', { id: `${id}-problem`, class: 'problem', role: 'alert' });
  const hint = field.hint ? [h('small', {}, field.hint)] : [];
  if (field.kind === 'several') {
    const boxes = field.choices.map(([value, label]) =>
      h('label', {}, h('input', { type: 'checkbox', name, value, 'aria-describedby': problem.id }), label),
    );
    const title = h('span', { id, class: 'label' }, field.label, ...hint);
    return h('div', { class: 'field several', role: 'group', 'aria-labelledby': id }, title, ...boxes, problem);
  }
  const attributes = { id, name, 'aria-describedby': problem.id };
  const input =
    field.kind === 'choice'
      ? h('select', attributes, ...field.choices.map(([value, label]) => new Option(label, String(value))))
      : // Text, not type=number: 1e-8 must stay as written, and a wheel over the page must not change it.
        h('input', {
          ...attributes,
          type: 'text',
          inputmode: field.kind === 'integer' ? 'numeric' : 'decimal',
          autocomplete: 'off',
        });
  return h('div', { class: 'field' }, h('label', { for: id }, field.label, ...hint), input, problem);
}
