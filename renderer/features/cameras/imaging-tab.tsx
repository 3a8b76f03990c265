/** How the camera takes its picture, with the live picture beside it. Each change is in force as soon as its control is let go. */
import type { Camera } from '#core/api/schemas.ts';
import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { useChangeImaging, useImaging, type ImagingChange, type ImagingState } from '../../client/onvif.ts';
import { Button } from '../../ui/button.tsx';
import { DeviceProblem } from '../../ui/device-problem.tsx';
import { LiveTile } from '../../ui/live-tile.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Card, Loading, Problem } from '../../ui/surfaces.tsx';
import { FocusControls } from './imaging-focus.tsx';
import { ImagingSlider } from './imaging-slider.tsx';
import { NoOnvif } from './no-onvif.tsx';

const levels = ['brightness', 'contrast', 'saturation', 'sharpness'] as const;
const words: Record<(typeof levels)[number], string> = {
  brightness: 'Brightness',
  contrast: 'Contrast',
  saturation: 'Colour',
  sharpness: 'Sharpness',
};
const filterWords = { auto: 'By itself', on: 'Day', off: 'Night' };

export function ImagingTab({ camera }: { camera: Camera }) {
  const known = camera.onvifUrl !== null;
  const state = useImaging(camera.id, known);
  if (!known) return <NoOnvif camera={camera} what="The picture" />;
  if (state.isPending) return <Loading what="Asking the camera" />;
  if (state.isError)
    return <DeviceProblem cameraId={camera.id} error={state.error} onRetry={() => void state.refetch()} />;
  return (
    <div className="grid max-w-6xl items-start gap-5 lg:grid-cols-[3fr_2fr]">
      <div className="relative aspect-video overflow-hidden rounded-card border border-line bg-night shadow-card max-lg:sticky max-lg:top-0 max-lg:z-10 lg:sticky lg:top-5">
        <LiveTile cameraId={camera.id} stream="main" fit="contain" className="absolute inset-0" />
      </div>
      <Controls key={camera.id} camera={camera} state={state.data} />
    </div>
  );
}

function Controls({ camera, state }: { camera: Camera; state: ImagingState }) {
  /** As it was when the tab was opened. */
  const [before] = useState(state);
  const change = useChangeImaging(camera.id);
  const { abilities } = state;
  const back = differences(state, before);
  const offered = levels.filter((level) => abilities[level] !== null);
  const { focus } = abilities;
  const hasFocus = focus.auto || focus.continuous || focus.relative || focus.absolute;
  if (offered.length === 0 && abilities.irCut.length === 0 && !hasFocus) {
    return (
      <Card>
        <p>This camera lets nothing of its picture be changed over ONVIF.</p>
      </Card>
    );
  }
  return (
    <Card note="In force as soon as you let go.">
      <div className="space-y-5">
        {offered.map((level) => (
          <ImagingSlider
            key={level}
            label={words[level]}
            range={abilities[level] ?? { min: 0, max: 100 }}
            value={state[level]}
            onCommit={(value) => change.mutateAsync({ [level]: value })}
          />
        ))}
        {abilities.irCut.length > 0 ? (
          <div>
            <p className="mb-1.5 text-sm font-medium">Day and night</p>
            <Segmented
              label="Day and night"
              value={state.irCut ?? ''}
              options={(['auto', 'on', 'off'] as const)
                .filter((mode) => abilities.irCut.includes(mode))
                .map((mode) => ({ value: mode, text: filterWords[mode] }))}
              onChange={(irCut) => change.mutate({ irCut: irCut as 'auto' | 'on' | 'off' })}
              className="*:min-h-10"
            />
            <p className="mt-1.5 text-sm text-muted">
              Day: true colours. Night: the infrared filter is out, so the camera sees its own invisible light.
            </p>
          </div>
        ) : null}
        {hasFocus ? <FocusControls state={state} change={change} /> : null}
        {change.isError ? <Problem error={change.error} /> : null}
        <div className="flex flex-wrap items-center gap-3 border-t border-line pt-4">
          <Button disabled={Object.keys(back).length === 0} busy={change.isPending} onClick={() => change.mutate(back)}>
            <RotateCcw size={16} aria-hidden="true" /> As it was
          </Button>
          <p className="min-w-0 flex-1 text-sm text-muted">Back to what was set when you opened this.</p>
        </div>
      </div>
    </Card>
  );
}

/** What has to be sent to be where `before` was. */
function differences(now: ImagingState, before: ImagingState): ImagingChange {
  const back: ImagingChange = {};
  for (const level of levels) {
    if (before[level] !== null && before[level] !== now[level]) back[level] = before[level];
  }
  if (before.irCut !== null && before.irCut !== now.irCut) back.irCut = before.irCut;
  if (before.autoFocus !== null && before.autoFocus !== now.autoFocus) back.autoFocus = before.autoFocus;
  return back;
}
