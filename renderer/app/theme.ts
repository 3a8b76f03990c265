/** Dark, light, or as the system has it. The hub keeps the wish; the browser keeps a copy, so that the first paint is right. */
import { useEffect } from 'react';
import { useSettings } from '../client/queries.ts';

type Theme = 'system' | 'dark' | 'light';
const storageKey = 'porchlight.theme';

function applyTheme(theme: Theme): void {
  const dark = theme === 'dark' || (theme === 'system' && window.matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
}

/** Follows the setting and the system; before somebody is signed in, what this browser last knew. */
export function useTheme(signedIn: boolean): void {
  const theme = useSettings(signedIn).data?.theme;
  useEffect(() => {
    // Storage may be switched off; then the first paint is in the system's theme.
    const storage = navigator.cookieEnabled ? window.localStorage : null;
    const wanted = theme ?? themeFrom(storage?.getItem(storageKey));
    if (theme !== undefined) storage?.setItem(storageKey, theme);
    applyTheme(wanted);
    const media = window.matchMedia('(prefers-color-scheme: dark)');
    const follow = (): void => applyTheme(wanted);
    media.addEventListener('change', follow);
    return () => media.removeEventListener('change', follow);
  }, [theme]);
}

function themeFrom(text: string | null | undefined): Theme {
  return text === 'dark' || text === 'light' ? text : 'system';
}
