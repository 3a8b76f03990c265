/** Changing how one stream is encoded, within what the camera offers. */
import type { Encoder } from '../../../client/onvif.ts';
import { useState, type SubmitEvent } from 'react';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { controlClass, Field, TextField } from '../../../ui/field.tsx';
import { number } from '../../../ui/format.ts';
import { useToast } from '../../../ui/toast.tsx';
import type { CareActions } from '../care-tab.tsx';
import { encoderChanges, encoderDraftOf, kbitRange, outOf, sizeText, type EncoderDraft } from './encoder-draft.ts';
import { codecWords, keyframeWords } from './words.ts';

interface EncoderDialogProps {
  encoder: Encoder;
  change: CareActions['changeEncoder'];
  onClose: () => void;
}

export function EncoderDialog({ encoder, change, onClose }: EncoderDialogProps) {
  const [before] = useState(() => encoderDraftOf(encoder));
  const [draft, setDraft] = useState<EncoderDraft>(before);
  const toast = useToast();
  const { options } = encoder;
  const kbits = options.bitsPerSecond && kbitRange(options.bitsPerSecond);
  const problems = {
    fps: outOf(draft.fps, before.fps, options.fps, false),
    kbits: outOf(draft.kbits, before.kbits, kbits),
    keyframeEvery: outOf(draft.keyframeEvery, before.keyframeEvery, options.keyframeEvery),
  };
  const wrong = Object.values(problems).some((problem) => problem !== undefined);
  const changes = encoderChanges(encoder, draft);
  const put = (part: Partial<EncoderDraft>): void => setDraft((old) => ({ ...old, ...part }));
  const close = (): void => {
    change.reset();
    onClose();
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (wrong || Object.keys(changes).length === 0) return;
    change.mutate(
      { token: encoder.token, ...changes },
      {
        onSuccess: () => {
          toast('The camera has taken it over.');
          close();
        },
      },
    );
  };
  const sizes = [...new Set([before.size, ...options.sizes.map(sizeText)])];
  const every = Number(draft.keyframeEvery);
  const fps = Number(draft.fps);
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) close();
      }}
      title={encoder.name}
      description="The stream breaks off for a moment when the camera changes it."
    >
      <form onSubmit={submit} noValidate className="space-y-4">
        {options.codecs.length > 1 ? (
          <Choice
            label="Codec"
            value={draft.codec}
            options={[...new Set([before.codec, ...options.codecs])].map((codec) => ({
              value: codec,
              text: codecWords[codec],
            }))}
            onChange={(codec) => put({ codec })}
          />
        ) : null}
        {sizes.length > 1 ? (
          <Choice
            label="Size of the picture"
            value={draft.size}
            options={sizes.map((size) => ({ value: size, text: size.replace('x', ' × ') }))}
            onChange={(size) => put({ size })}
          />
        ) : null}
        <NumberField
          label="Pictures a second"
          range={options.fps}
          value={draft.fps}
          problem={problems.fps}
          onChange={(value) => put({ fps: value })}
        />
        <NumberField
          label="Data rate, kbit/s"
          range={kbits}
          value={draft.kbits}
          problem={problems.kbits}
          onChange={(value) => put({ kbits: value })}
        />
        <NumberField
          label="Pictures from keyframe to keyframe"
          range={options.keyframeEvery}
          note={every > 0 && fps > 0 ? `A keyframe ${keyframeWords(every, fps)}. 1 to 2 s is good.` : undefined}
          value={draft.keyframeEvery}
          problem={problems.keyframeEvery}
          onChange={(value) => put({ keyframeEvery: value })}
        />
        {change.isError ? (
          <p role="alert" className="text-bad">
            {change.error.message}
          </p>
        ) : null}
        <div className="flex flex-wrap justify-end gap-3 pt-1">
          <Button tone="quiet" onClick={close}>
            Cancel
          </Button>
          <Button
            type="submit"
            tone="primary"
            busy={change.isPending}
            disabled={wrong || Object.keys(changes).length === 0}
          >
            Change it
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: { value: T; text: string }[];
  onChange: (value: T) => void;
}

function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    <Field label={label}>
      {(ids) => (
        <select
          {...ids}
          value={value}
          onChange={({ target }) => onChange(target.value as T)}
          className={`${controlClass} select w-full`}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface NumberFieldProps {
  label: string;
  /** Null: the camera does not let it be changed, and there is no field. */
  range: { min: number; max: number } | null;
  note?: string | undefined;
  value: string;
  problem: string | undefined;
  onChange: (value: string) => void;
}

function NumberField({ label, range, note, value, problem, onChange }: NumberFieldProps) {
  if (range === null) return null;
  const within = `${number(range.min)} to ${number(range.max)}.`;
  return (
    <TextField
      label={label}
      hint={note === undefined ? within : `${within} ${note}`}
      inputMode="decimal"
      value={value}
      problem={problem}
      onChange={({ target }) => onChange(target.value)}
      className="tabular-nums"
    />
  );
}
