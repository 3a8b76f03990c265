/** Providers, and the gate: nothing of the home is asked for before the hub says that this browser is signed in. */
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';
import { createQueryClient, useSession } from '../client/queries.ts';
import { useSignedOutGuard } from '../client/session.ts';
import { NoHub, SignInPage } from '../features/sign-in/sign-in-page.tsx';
import { ShortcutProvider } from '../ui/shortcuts.tsx';
import { ToastProvider } from '../ui/toast.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { createAppRouter } from './router.tsx';
import { useTheme } from './theme.ts';

function Gate() {
  const [router] = useState(createAppRouter);
  const session = useSession();
  useSignedOutGuard();
  useTheme(session.data?.signedIn === true);
  if (session.isPending) return null;
  if (session.isError) return <NoHub error={session.error} onRetry={() => void session.refetch()} />;
  if (!session.data.signedIn) return <SignInPage />;
  return <RouterProvider router={router} />;
}

export function App() {
  const [queryClient] = useState(createQueryClient);
  return (
    <ErrorBoundary>
      <QueryClientProvider client={queryClient}>
        <ToastProvider>
          <ShortcutProvider>
            <Gate />
          </ShortcutProvider>
        </ToastProvider>
      </QueryClientProvider>
    </ErrorBoundary>
  );
}
