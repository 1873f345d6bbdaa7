/** What the package's elements are made with. Nothing here touches a document on import: a server may import them. */

/** `HTMLElement`, or nothing where there is no document. */
export const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/** Takes the name for a class, where there are documents and nobody has taken it. */
export function define(name: string, constructor: CustomElementConstructor): void {
  const { customElements } = globalThis;
  if (customElements && !customElements.get(name)) customElements.define(name, constructor);
}

type Child = Node | string | undefined | false;
type Properties<E> = Partial<Omit<E, "part">> & { part?: string; [attribute: `aria-${string}`]: string };

/** A new element. Text is always text, never markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties<HTMLElementTagNameMap[K]> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (/^(aria-.*|part|role)$/.test(name)) element.setAttribute(name, String(value));
    else Object.assign(element, { [name]: value });
  }
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

/** A shadow tree with these styles: constructed ones, which a Content-Security-Policy has nothing against. */
export function shadowOf(host: HTMLElement, ...styles: string[]): ShadowRoot {
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = styles.map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
  return root;
}

/** Properties that were set before the element was defined go through its setters. */
export function upgrade(element: HTMLElement, ...names: string[]): void {
  const properties = element as unknown as Record<string, unknown>;
  for (const name of names) {
    if (!Object.hasOwn(element, name)) continue;
    const value = properties[name];
    delete properties[name];
    properties[name] = value;
  }
}
