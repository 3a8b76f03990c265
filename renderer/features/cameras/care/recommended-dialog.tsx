/** What "recommended settings" would change, from what to what and why, before anything is changed. */
import type { Care } from '../../../client/onvif.ts';
import { ArrowRight } from 'lucide-react';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { useToast } from '../../../ui/toast.tsx';
import type { CareActions } from '../care-tab.tsx';

const settingWords: Record<Care['recommended'][number]['setting'], string> = {
  codec: 'Codec',
  fps: 'Pictures a second',
  bitsPerSecond: 'Data rate',
  keyframeEvery: 'Keyframe',
  size: 'Size of the picture',
};

interface RecommendedDialogProps {
  recommended: Care['recommended'];
  apply: CareActions['applyRecommended'];
  onClose: () => void;
}

export function RecommendedDialog({ recommended, apply, onClose }: RecommendedDialogProps) {
  const toast = useToast();
  const close = (): void => {
    apply.reset();
    onClose();
  };
  const run = (): void =>
    apply.mutate(undefined, {
      onSuccess: (care) => {
        toast(
          care.recommended.length === 0
            ? 'The camera has taken over all of it.'
            : 'The camera has taken over a part of it. What is left is still listed.',
        );
        close();
      },
    });
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) close();
      }}
      title="Recommended settings"
      description="This is what would change at the camera. Nothing is changed yet."
      width="wide"
    >
      <ul className="divide-y divide-line">
        {recommended.map((change) => (
          <li key={`${change.encoder} ${change.profile} ${change.setting}`} className="py-3 first:pt-0">
            <p className="flex flex-wrap items-center gap-x-3">
              <span className="font-medium">{settingWords[change.setting]}</span>
              <span className="text-sm text-muted">{change.profile}</span>
            </p>
            <p className="mt-0.5 flex flex-wrap items-center gap-x-2 tabular-nums">
              <span className="text-muted line-through decoration-muted/60">
                <span className="sr-only">From </span>
                {change.from}
              </span>
              <ArrowRight size={15} aria-hidden="true" className="shrink-0 text-muted" />
              <span className="font-semibold">
                <span className="sr-only">to </span>
                {change.to}
              </span>
            </p>
            <p className="mt-0.5 text-sm text-muted">{change.why}</p>
          </li>
        ))}
      </ul>
      {apply.isError ? (
        <p role="alert" className="mt-3 text-bad">
          {apply.error.message}
        </p>
      ) : null}
      <div className="mt-4 flex flex-wrap justify-end gap-3">
        <Button tone="quiet" onClick={close}>
          Leave it as it is
        </Button>
        <Button tone="primary" busy={apply.isPending} onClick={run}>
          Apply
        </Button>
      </div>
    </Dialog>
  );
}
