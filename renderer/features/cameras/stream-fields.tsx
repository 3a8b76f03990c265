/** Which stream is recorded and which is analysed: chosen by itself, changeable from what the camera offers or by address. */
import { useState } from 'react';
import { cx } from '../../ui/cx.ts';
import { controlClass, Field, TextField } from '../../ui/field.tsx';
import { readAddress } from './camera-address.ts';
import type { CameraDraft } from './camera-draft.ts';
import { profileOption, type Profile } from './stream-words.ts';

interface StreamFieldsProps {
  draft: CameraDraft;
  profiles: readonly Profile[];
  onChange: (patch: Pick<Partial<CameraDraft>, 'url' | 'subUrl'>) => void;
}

export function StreamFields({ draft, profiles, onChange }: StreamFieldsProps) {
  if (profiles.length === 0) return <SecondAddress draft={draft} onChange={onChange} />;
  const lenses = [...new Set(profiles.map((profile) => profile.source))];
  const chooseMain = (url: string): void => {
    const main = profiles.find((profile) => profile.streamUrl === url);
    const sub = profiles.find((profile) => profile.streamUrl === draft.subUrl);
    const fits = sub !== undefined && sub.source === main?.source && sub.streamUrl !== url;
    onChange({ url, ...(fits || main === undefined ? {} : { subUrl: smallerOf(main, profiles)?.streamUrl ?? '' }) });
  };
  return (
    <div className="space-y-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <ProfileSelect label="Record" value={draft.url} profiles={profiles} lenses={lenses} onChange={chooseMain} />
        <ProfileSelect
          label="Watch and analyse"
          value={draft.subUrl}
          profiles={profiles}
          lenses={lenses}
          none="The recorded one (more work)"
          onChange={(subUrl) => onChange({ subUrl })}
        />
      </div>
      {lenses.length > 1 ? (
        <p className="text-sm text-muted">
          This camera has {lenses.length} lenses. Each is a camera of its own here: add it once for each.
        </p>
      ) : null}
    </div>
  );
}

const pixels = ({ video }: Profile): number => (video ? video.width * video.height : Infinity);

/** The smallest other stream of the same lens. */
function smallerOf(main: Profile, profiles: readonly Profile[]): Profile | undefined {
  return profiles
    .filter((one) => one.source === main.source && one.streamUrl !== null && pixels(one) < pixels(main))
    .sort((a, b) => pixels(a) - pixels(b))[0];
}

interface ProfileSelectProps {
  label: string;
  value: string;
  profiles: readonly Profile[];
  lenses: readonly string[];
  /** Words for choosing none. */
  none?: string;
  onChange: (url: string) => void;
}

function ProfileSelect({ label, value, profiles, lenses, none, onChange }: ProfileSelectProps) {
  const known = profiles.some((profile) => profile.streamUrl === value);
  const options = (source: string) =>
    profiles
      .filter((profile) => profile.source === source)
      .map((profile) => (
        <option key={profile.token} value={profile.streamUrl ?? undefined} disabled={profile.streamUrl === null}>
          {profileOption(profile)}
        </option>
      ));
  return (
    <Field label={label}>
      {(ids) => (
        <select
          {...ids}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={cx(controlClass, 'select w-full')}
        >
          {none === undefined ? null : <option value="">{none}</option>}
          {known || value === '' ? null : <option value={value}>As typed: {value}</option>}
          {lenses.length > 1
            ? lenses.map((source, index) => (
                <optgroup key={source} label={`Lens ${index + 1}`}>
                  {options(source)}
                </optgroup>
              ))
            : lenses.map(options)}
        </select>
      )}
    </Field>
  );
}

/** For a camera known by its address alone. Taken when the field is left, so that half an address is never tried. */
function SecondAddress({ draft, onChange }: Pick<StreamFieldsProps, 'draft' | 'onChange'>) {
  const [text, setText] = useState(draft.subUrl);
  const [problem, setProblem] = useState<string>();
  const take = (): void => {
    const read = readAddress(text);
    setProblem(read.kind === 'refused' ? read.problem : undefined);
    if (read.kind === 'camera' || read.kind === 'empty') onChange({ subUrl: text.trim() });
  };
  return (
    <TextField
      label="Second, smaller stream"
      placeholder="rtsp://192.168.1.20/stream2"
      hint="Most cameras have one. It is watched and analysed in place of the large one, which saves much work. May stay empty."
      value={text}
      problem={problem}
      onChange={(event) => setText(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return;
        event.preventDefault();
        take();
      }}
      inputMode="url"
      autoCapitalize="none"
      autoComplete="off"
      spellCheck={false}
      maxLength={2048}
    />
  );
}
