/** Step 1: choose one of the cameras that answer, or type where it is. The search begins by itself and adds nothing. */
import { useNavigate } from '@tanstack/react-router';
import { ArrowRight, RotateCw, Search } from 'lucide-react';
import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import { useDemo } from '../../client/cameras.ts';
import { useCameras } from '../../client/queries.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { Card } from '../../ui/surfaces.tsx';
import { useToast } from '../../ui/toast.tsx';
import { hostOf, readAddress, withoutTls } from './camera-address.ts';
import { CameraProblem } from './camera-problem.tsx';
import { FoundList } from './found-list.tsx';
import { guideOf, isWrongPassword } from './problem-guide.ts';
import { Asking, StepTitle } from './step-parts.tsx';
import type { useDiscovery } from './use-discovery.ts';
import type { Wizard } from './use-wizard.ts';

interface FindStepProps {
  wizard: Wizard;
  search: ReturnType<typeof useDiscovery>;
}

export function FindStep({ wizard, search }: FindStepProps) {
  const { typed, tried, probe, device } = wizard;
  const [complaint, setComplaint] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  const read = readAddress(typed);
  const error = tried && !isWrongPassword(tried.error) ? tried.error : null;
  const atField = error !== null && guideOf(error).field === 'address';

  const { search: begin, stop, discovery } = search;
  const fresh = discovery.state === 'waiting';
  useEffect(() => {
    if (fresh) begin(null);
  }, [fresh, begin]);
  useEffect(() => stop, [stop]);
  useEffect(() => {
    if (atField) field.current?.focus();
  }, [atField, error]);

  const goOn = (): void => {
    setComplaint(
      read.kind === 'refused'
        ? read.problem
        : read.kind === 'empty'
          ? 'Type an address, or choose a camera that was found'
          : undefined,
    );
    if (read.kind === 'range') begin(read.range);
    else if (read.kind !== 'camera') field.current?.focus();
    else if (tried?.result && tried.url === read.url) wizard.go('picture');
    else void wizard.attempt(typed);
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    goOn();
  };
  const type = (text: string): void => {
    setComplaint(undefined);
    wizard.type(text);
  };
  const plain = withoutTls(typed);
  return (
    <>
      <StepTitle start note="Cameras nearby appear by themselves. Choosing one adds nothing yet.">
        Which camera?
      </StepTitle>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <FoundList
          discovery={discovery}
          chosen={device}
          busy={probe.pending}
          onChoose={(found) => {
            setComplaint(undefined);
            wizard.choose(found);
          }}
          onSearch={() => begin(null)}
          onStop={stop}
        />
        <Card title="Or type its address">
          <form onSubmit={submit} noValidate className="space-y-4">
            <TextField
              ref={field}
              label="Address"
              placeholder="192.168.1.20"
              hint={
                <>
                  A host (<Code>192.168.1.20</Code>), a stream (<Code>rtsp://192.168.1.20/stream1</Code>), or a range to
                  search (<Code>192.168.1.0/24</Code>).
                </>
              }
              value={typed}
              onChange={(event) => type(event.target.value)}
              problem={complaint ?? (atField ? error.message : undefined)}
              inputMode="url"
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
              maxLength={2048}
            />
            <AlreadyThere typed={typed} />
            {error ? (
              <CameraProblem
                key={error.message}
                error={error}
                address={typed}
                atField={atField}
                onExample={(url) => {
                  type(url);
                  field.current?.focus();
                }}
                steps={{
                  address: () => {
                    field.current?.focus();
                    field.current?.select();
                  },
                  again: () => void wizard.attempt(typed),
                  ...(plain === null
                    ? {}
                    : {
                        plain: () => {
                          type(plain);
                          void wizard.attempt(plain);
                        },
                      }),
                }}
              />
            ) : null}
            {error && tried && /^rtsps?:/.test(tried.url) ? (
              <Button tone="quiet" size="small" onClick={wizard.goUnseen}>
                Add it without a picture
              </Button>
            ) : null}
            {probe.pending ? (
              <Asking what={`Asking ${hostOf(typed) ?? 'the camera'}…`} onCancel={probe.cancel} />
            ) : (
              <div className="flex flex-wrap justify-end gap-3">
                {read.kind === 'range' ? (
                  <Button type="submit" tone="primary">
                    <Search size={17} aria-hidden="true" /> Search these
                  </Button>
                ) : (
                  <Button type="submit" tone={read.kind === 'camera' ? 'primary' : 'plain'}>
                    Go on <ArrowRight size={17} aria-hidden="true" />
                  </Button>
                )}
              </div>
            )}
          </form>
        </Card>
      </div>
      <NoCamera />
    </>
  );
}

function Code({ children }: { children: string }) {
  return <code className="font-mono text-[0.8125rem] wrap-anywhere">{children}</code>;
}

/** Said, not forbidden: a camera with two lenses is added twice. */
function AlreadyThere({ typed }: { typed: string }) {
  const cameras = useCameras().data ?? [];
  const host = typed.trim() === '' ? null : hostOf(typed);
  const same = host === null ? undefined : cameras.find((camera) => hostOf(camera.onvifUrl ?? camera.url) === host);
  if (!same) return null;
  return (
    <p role="status" className="flex items-start gap-2 rounded-control bg-accent-soft px-3 py-2 text-sm">
      <RotateCw size={15} className="mt-1 shrink-0 text-accent-ink" aria-hidden="true" />
      <span className="min-w-0 wrap-anywhere">
        “{same.name}” is at this address already. Go on only to add another lens or stream of it.
      </span>
    </p>
  );
}

function NoCamera() {
  const { add } = useDemo();
  const toast = useToast();
  const navigate = useNavigate();
  return (
    <p className="mt-6 flex flex-wrap items-center gap-x-3 gap-y-2 text-sm text-muted">
      No camera at hand?
      <Button
        size="small"
        busy={add.isPending}
        onClick={() =>
          add.mutate(undefined, {
            onSuccess: () => {
              toast('The demo is being set up. Its camera appears in a moment.');
              void navigate({ to: '/' });
            },
            onError: (error) => toast(error.message, { tone: 'problem' }),
          })
        }
      >
        Show me a demo
      </Button>
    </p>
  );
}
