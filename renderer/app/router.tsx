/** Every screen and its address. Search parameters are parsed here, so that a screen only sees what makes sense. */
import { eventLabels, type EventLabel } from '#core/domain/detection.ts';
import { createRootRoute, createRoute, createRouter, Outlet } from '@tanstack/react-router';
import { PlayerPage } from '../features/player/player-page.tsx';

function numberFrom(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

const rootRoute = createRootRoute({ component: Outlet });

const homeRoute = createRoute({ getParentRoute: () => rootRoute, path: '/', component: () => <p>Home</p> });

const playerRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/camera/$cameraId',
  validateSearch: (search: Record<string, unknown>): { at?: number } => {
    const at = numberFrom(search['at']);
    return at === undefined ? {} : { at };
  },
  component: function PlayerRoute() {
    const { cameraId } = playerRoute.useParams();
    const { at } = playerRoute.useSearch();
    return <PlayerPage key={cameraId} cameraId={cameraId} {...(at === undefined ? {} : { atMs: at })} />;
  },
});

export interface ReviewSearch {
  camera?: string;
  label?: EventLabel;
  from?: number;
  to?: number;
  all?: true;
}

const reviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/review',
  validateSearch: (search: Record<string, unknown>): ReviewSearch => {
    const from = numberFrom(search['from']);
    const to = numberFrom(search['to']);
    const label = eventLabels.find((known) => known === search['label']);
    return {
      ...(typeof search['camera'] === 'string' ? { camera: search['camera'] } : {}),
      ...(label ? { label } : {}),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(search['all'] === true ? { all: true as const } : {}),
    };
  },
  component: () => <p>Review</p>,
});

const routeTree = rootRoute.addChildren([homeRoute, playerRoute, reviewRoute]);

export function createAppRouter() {
  return createRouter({ routeTree, defaultPreload: false, scrollRestoration: true });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
