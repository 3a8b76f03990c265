/** A fault in one screen shows a sentence and a way on instead of an empty window. Recording does not depend on the interface. */
import { Component, type ErrorInfo, type ReactNode } from 'react';
import { Button } from '../ui/button.tsx';

interface State {
  error: Error | null;
}

export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    // The console is the only place a browser keeps this; nothing is sent anywhere.
    // eslint-disable-next-line no-console
    console.error(error, info.componentStack);
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error === null ? this.props.children : <Fault error={error} />;
  }
}

/** Also what the router shows when a screen throws. */
export function Fault({ error }: { error: unknown }) {
  return (
    <main className="mx-auto flex min-h-[60dvh] max-w-lg flex-col items-start justify-center gap-4 px-6">
      <h1 className="text-2xl font-semibold tracking-tight">This screen has a fault</h1>
      <p className="text-muted">
        Recording goes on: it does not depend on this window. Reload to go on; if it comes back, the line below helps
        whoever mends it.
      </p>
      <pre className="max-w-full overflow-x-auto rounded-control border border-line bg-sunken px-3 py-2 font-mono text-sm">
        {error instanceof Error ? error.message : String(error)}
      </pre>
      <Button tone="primary" onClick={() => window.location.assign('/')}>
        Reload
      </Button>
    </main>
  );
}
