/** Dark, light, or as the system has it. The hub keeps the wish; the browser keeps a copy, so that the first paint is right. */
import { useEffect } from 'react';
import { useSettings } from '../client/queries.ts';

export type Theme = 'system' | 'dark' | 'light';
const storageKey = 'porchlight.theme';

function applyTheme(theme: Theme): void {
  const dark = theme === 'dark' || (theme === 'system' && window.matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
}

/** Follows the setting and the system. */
export function useTheme(): void {
  const theme = useSettings().data?.theme;
  useEffect(() => {
    if (theme === undefined) return;
    applyTheme(theme);
    // Storage may be switched off; then the next first paint is in the system's theme.
    if (navigator.cookieEnabled) window.localStorage.setItem(storageKey, theme);
    const media = window.matchMedia('(prefers-color-scheme: dark)');
    const follow = (): void => applyTheme(theme);
    media.addEventListener('change', follow);
    return () => media.removeEventListener('change', follow);
  }, [theme]);
}
