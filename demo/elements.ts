// The elements that index.html promises.

export function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`demo: expected an element #${id} in index.html, got none.`);
  return found;
}
