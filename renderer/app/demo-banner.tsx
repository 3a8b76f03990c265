/** While the demo runs, every screen says so. */
import { Sparkles } from 'lucide-react';
import { useCameras } from '../client/queries.ts';
import { useDemo } from '../client/cameras.ts';
import { Button } from '../ui/button.tsx';
import { useToast } from '../ui/toast.tsx';

export function DemoBanner() {
  const cameras = useCameras();
  const { remove } = useDemo();
  const toast = useToast();
  if (!cameras.data?.some((camera) => camera.demo)) return null;
  return (
    <aside
      aria-label="Demo"
      className="mb-6 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-card border border-accent/40 bg-accent-soft px-4 py-2.5"
    >
      <Sparkles size={18} className="shrink-0 text-accent-ink" aria-hidden="true" />
      <p className="min-w-0 flex-1 basis-60 text-sm">
        <strong className="font-semibold">This is a demo.</strong> The camera and its two days of recordings are made up
        by Porchlight.
      </p>
      <Button
        size="small"
        busy={remove.isPending}
        onClick={() =>
          remove.mutate(undefined, {
            onSuccess: () => toast('The demo is gone.'),
            onError: (error) => toast(error.message, { tone: 'problem' }),
          })
        }
      >
        Remove the demo
      </Button>
    </aside>
  );
}
