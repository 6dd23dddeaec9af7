// The locale of numbers on the page. To be imported before uPlot, which asks Intl for navigator.language as it loads:
// Chromium in the POSIX locale (containers, headless tests) calls its language `en-US@posix`, which Intl refuses, and the
// page would stay empty.

/** English like the rest of the page. A call, because bundlers drop the import of a mere constant with its module. */
export const locale = prepareLocale();

function prepareLocale(): string {
  try {
    Intl.getCanonicalLocales(navigator.language);
  } catch {
    Object.defineProperty(navigator, 'language', { value: 'en', configurable: true });
  }
  return 'en';
}
