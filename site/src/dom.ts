type Child = Node | string | undefined | false;
type Properties = Readonly<Record<string, unknown>>;

/** An element: functions are listeners, `value` and `checked` are properties, all else is attributes. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name, value as EventListener);
    else if (name === 'value' || name === 'checked')
      (element as unknown as Record<string, unknown>)[name] = value;
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

/** An element with HTML that the build made of docs/. */
export function fromDocs(tag: 'p' | 'div' | 'span', html: string, properties: Properties = {}): HTMLElement {
  const element = h(tag, properties);
  element.innerHTML = html;
  return element;
}

export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page lacks #${id}`);
  return found;
}

let ids = 0;
export const newId = (): string => `id-${++ids}`;

/** Calls once for all the changes of one frame. */
export function perFrame(run: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      run();
    });
  };
}

/** Says something to screen readers, when nothing has changed for a moment. */
export function calmly(element: HTMLElement): (text: string) => void {
  let timer = 0;
  return (text) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      if (element.textContent !== text) element.textContent = text;
    }, 600);
  };
}
