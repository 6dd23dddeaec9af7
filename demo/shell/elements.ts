// Elements of the page, made in one call.

type Attributes = Readonly<Record<string, string | number | boolean>>;

/** An element; `true` is an attribute without a value, `false` is none. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  setAttributes(node, attributes);
  node.append(...children);
  return node;
}

/** The same for drawings. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[K] {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  setAttributes(node, attributes);
  node.append(...children);
  return node;
}

function setAttributes(node: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) node.setAttribute(name, value === true ? '' : String(value));
  }
}

/** A button that stays focusable when it is off: `disabled` would take the focus from whoever has just pressed it. */
export function button(label: string, attributes: Attributes, onPress: () => void): HTMLButtonElement {
  const node = h('button', { type: 'button', ...attributes }, label);
  node.addEventListener('click', () => node.getAttribute('aria-disabled') !== 'true' && onPress());
  return node;
}

export const setOff = (node: HTMLElement, off: boolean): void => node.setAttribute('aria-disabled', String(off));

/** The elements that index.html promises. */
export function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`demo: expected an element #${id} in index.html, got none.`);
  return found;
}

/** `<data>` holds the exact number, its text the rounded one; NaN for none. */
export function setReading(data: HTMLDataElement, value: number, text: string): void {
  data.value = Number.isNaN(value) ? '' : String(value);
  data.textContent = text;
}
