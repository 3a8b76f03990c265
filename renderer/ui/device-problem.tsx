/**
 * What a camera answered when it was asked for more than pictures, and the way on. The hub keeps a refused password in mind and
 * answers from memory (F15), so trying again means telling it to forget first.
 */
import { Link } from '@tanstack/react-router';
import { ApiError } from '../client/api.ts';
import { useRetryCamera, useTrustCamera } from '../client/cameras.ts';
import { Button, buttonClass } from './button.tsx';

interface DeviceProblemProps {
  cameraId: string;
  error: Error;
  /** Asks the camera again. */
  onRetry: () => void;
}

export function DeviceProblem({ cameraId, error, onRetry }: DeviceProblemProps) {
  const retry = useRetryCamera(cameraId);
  const trust = useTrustCamera(cameraId);
  const otherCertificate = error instanceof ApiError && error.code === 'camera_certificate';
  const refused = error instanceof ApiError && error.code === 'camera_wrong_password';
  return (
    <div role="alert" className="space-y-3 rounded-card border border-bad/40 bg-bad-soft px-4 py-3">
      <p className="wrap-anywhere">{error.message}</p>
      <div className="flex flex-wrap gap-2">
        <Button
          size="small"
          busy={retry.isPending}
          onClick={() => (refused ? retry.mutate(undefined, { onSettled: onRetry }) : onRetry())}
        >
          Try again
        </Button>
        {otherCertificate ? (
          <Button size="small" busy={trust.isPending} onClick={() => trust.mutate(undefined, { onSettled: onRetry })}>
            Trust the new certificate
          </Button>
        ) : null}
        {refused ? (
          <Link
            to="/cameras/$cameraId"
            params={{ cameraId }}
            search={{ section: 'general' }}
            className={buttonClass('plain', 'small')}
          >
            Change the password
          </Link>
        ) : null}
      </div>
    </div>
  );
}
