/** Every screen and its address. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link } from '@tanstack/react-router';
import { Signpost } from 'lucide-react';
import { AddCameraPage } from '../features/cameras/add-camera-page.tsx';
import { CameraPage } from '../features/cameras/camera-page.tsx';
import { CamerasPage } from '../features/cameras/cameras-page.tsx';
import { HomePage } from '../features/home/home-page.tsx';
import { ReviewPage } from '../features/review/review-page.tsx';
import { SettingsPage } from '../features/settings/settings-page.tsx';
import { buttonClass } from '../ui/button.tsx';
import { Empty } from '../ui/surfaces.tsx';
import { Fault } from './error-boundary.tsx';
import { cameraSearch, playerSearch, reviewSearch, settingsSearch, wizardSearch } from './search.ts';
import { Shell } from './shell.tsx';

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFound });
const getParentRoute = () => rootRoute;

const homeRoute = createRoute({ getParentRoute, path: '/', component: HomePage });
const reviewRoute = createRoute({
  getParentRoute,
  path: '/review',
  validateSearch: reviewSearch,
  component: ReviewPage,
});
const camerasRoute = createRoute({ getParentRoute, path: '/cameras', component: CamerasPage });
const addCameraRoute = createRoute({
  getParentRoute,
  path: '/cameras/new',
  validateSearch: wizardSearch,
  component: AddCameraPage,
});
const cameraRoute = createRoute({
  getParentRoute,
  path: '/cameras/$cameraId',
  validateSearch: cameraSearch,
  component: CameraPage,
});
const settingsRoute = createRoute({
  getParentRoute,
  path: '/settings',
  validateSearch: settingsSearch,
  component: SettingsPage,
});
// Comes with the HLS library: loaded when it is first wanted.
const PlayerPage = lazyRouteComponent(() => import('../features/player/player-page.tsx'), 'PlayerPage');
const playerRoute = createRoute({
  getParentRoute,
  path: '/camera/$cameraId',
  validateSearch: playerSearch,
  component: function PlayerRoute() {
    const { cameraId } = playerRoute.useParams();
    const { at } = playerSearch(playerRoute.useSearch());
    return <PlayerPage key={cameraId} cameraId={cameraId} {...(at === undefined ? {} : { atMs: at })} />;
  },
});

const routeTree = rootRoute.addChildren([
  homeRoute,
  reviewRoute,
  camerasRoute,
  addCameraRoute,
  cameraRoute,
  settingsRoute,
  playerRoute,
]);

function NotFound() {
  return (
    <Empty
      picture={<Signpost size={48} strokeWidth={1.5} aria-hidden="true" />}
      title="There is nothing here"
      action={
        <Link to="/" className={buttonClass('primary')}>
          Home
        </Link>
      }
    >
      The address leads nowhere.
    </Empty>
  );
}

export function createAppRouter() {
  return createRouter({ routeTree, scrollRestoration: true, defaultErrorComponent: Fault, defaultPreload: false });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
