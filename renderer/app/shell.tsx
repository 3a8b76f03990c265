/** The frame around every screen: rail on a desk, bar on a phone, health lamp, demo banner, keyboard sheet. */
import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { Cctv, Home, Inbox, Keyboard, Settings, type LucideIcon } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { followLiveEvents, type LinkState } from '../client/live-events.ts';
import { useUnreviewed } from '../client/queries.ts';
import { cx } from '../ui/cx.ts';
import { number } from '../ui/format.ts';
import { Lantern } from '../ui/lantern.tsx';
import { useShortcuts } from '../ui/shortcuts.tsx';
import { DemoBanner } from './demo-banner.tsx';
import { HealthLamp } from './health-lamp.tsx';
import { KeyboardSheet } from './keyboard-sheet.tsx';

const places: { to: '/' | '/review' | '/cameras' | '/settings'; word: string; Icon: LucideIcon; key: string }[] = [
  { to: '/', word: 'Home', Icon: Home, key: '1' },
  { to: '/review', word: 'Review', Icon: Inbox, key: '2' },
  { to: '/cameras', word: 'Cameras', Icon: Cctv, key: '3' },
  { to: '/settings', word: 'Settings', Icon: Settings, key: '4' },
];

export function Shell() {
  const queryClient = useQueryClient();
  const [link, setLink] = useState<LinkState>('connecting');
  const [sheetOpen, setSheetOpen] = useState(false);
  const navigate = useNavigate();
  useEffect(() => followLiveEvents(queryClient, setLink), [queryClient]);
  useShortcuts({
    title: 'Everywhere',
    shortcuts: [
      ...places.map(({ to, word, key }) => ({ keys: [key], words: word, run: () => void navigate({ to }) })),
      { keys: ['?'], words: 'This sheet', run: () => setSheetOpen(true) },
    ],
  });
  const main = useFocusOnNavigation();

  return (
    <div className="flex min-h-dvh flex-col md:flex-row">
      <a
        href="#main"
        className="sr-only z-50 rounded-control bg-accent px-4 py-2 font-semibold text-on-accent focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
      >
        Skip to the content
      </a>
      <header className="flex items-center justify-between border-b border-line bg-surface px-4 py-1.5 md:hidden">
        <Link to="/" className="flex items-center gap-2 rounded-control py-1 text-accent-ink">
          <Lantern size={26} />
          <span className="font-semibold tracking-tight text-ink">Porchlight</span>
        </Link>
        <HealthLamp link={link} compact />
      </header>
      <div className="order-last md:order-none">
        <nav
          aria-label="Main"
          className="fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:sticky md:inset-x-auto md:top-0 md:h-dvh md:w-[5.5rem] md:flex-col md:border-t-0 md:border-r md:px-2 md:py-4"
        >
          <Link
            to="/"
            aria-label="Porchlight, home"
            className="mb-4 hidden flex-col items-center gap-1 rounded-control py-1 text-accent-ink md:flex"
          >
            <Lantern size={34} />
          </Link>
          <ul className="flex flex-1 md:flex-col md:gap-1">
            {places.map((place) => (
              <li key={place.to} className="flex-1 md:flex-none">
                <PlaceLink {...place} />
              </li>
            ))}
          </ul>
          <div className="hidden md:block">
            <button
              type="button"
              onClick={() => setSheetOpen(true)}
              aria-label="Keys: what the keyboard does"
              className="mb-1 flex w-full flex-col items-center gap-1 rounded-control py-2.5 text-[0.6875rem] text-muted transition-colors hover:bg-raised hover:text-ink"
            >
              <Keyboard size={18} aria-hidden="true" />
              Keys
            </button>
            <HealthLamp link={link} />
          </div>
        </nav>
      </div>
      <main
        id="main"
        ref={main}
        tabIndex={-1}
        className="min-w-0 flex-1 px-4 pt-5 pb-24 outline-none sm:px-6 md:pb-10 lg:px-10 lg:pt-8"
      >
        <div className="mx-auto max-w-[96rem]">
          <DemoBanner />
          <Outlet />
        </div>
      </main>
      <KeyboardSheet open={sheetOpen} onOpenChange={setSheetOpen} />
    </div>
  );
}

function PlaceLink({ to, word, Icon }: (typeof places)[number]) {
  const waiting = useUnreviewed().data?.unreviewed ?? 0;
  const shown = to === '/review' && waiting > 0;
  return (
    <Link
      to={to}
      activeOptions={{ exact: to === '/', includeSearch: false }}
      className="group relative flex min-h-14 flex-col items-center justify-center gap-1 rounded-control text-[0.6875rem] transition-colors md:min-h-15"
      activeProps={{ className: 'text-ink font-semibold', 'aria-current': 'page' }}
      inactiveProps={{ className: 'text-muted hover:text-ink' }}
    >
      {({ isActive }) => (
        <>
          <span
            className={cx(
              'relative flex h-8 w-14 items-center justify-center rounded-full transition-colors',
              isActive ? 'bg-accent-soft text-accent-ink' : 'group-hover:bg-raised',
            )}
          >
            <Icon size={20} aria-hidden="true" />
            {shown ? (
              <span className="absolute -top-0.5 left-8 min-w-4.5 rounded-full bg-accent px-1 text-center text-[0.6875rem] leading-4.5 font-bold text-on-accent tabular-nums">
                {waiting > 99 ? '99+' : number(waiting)}
                <span className="sr-only"> to review</span>
              </span>
            ) : null}
          </span>
          {word}
        </>
      )}
    </Link>
  );
}

/** After going to another screen the focus starts at its beginning, as it would after loading a page. */
function useFocusOnNavigation() {
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    main.current?.focus({ preventScroll: true });
  }, [path]);
  return main;
}
