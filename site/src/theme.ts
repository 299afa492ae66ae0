import { byId } from './dom.ts';

const KEY = 'simdloss-theme';

/** Storage can be forbidden; then the choice lasts as long as the page. */
function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function apply(theme: string): void {
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

export function startTheme(): void {
  const select = byId('theme') as HTMLSelectElement;
  const theme = stored() ?? 'auto';
  apply(theme);
  select.value = theme;
  if (select.value === '') select.value = 'auto';
  select.addEventListener('change', () => {
    apply(select.value);
    try {
      localStorage.setItem(KEY, select.value);
    } catch {}
  });
}
