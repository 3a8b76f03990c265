/** A labelled control with its hint and its error tied to it for screen readers. */
import { Eye, EyeOff } from 'lucide-react';
import { useId, useState, type InputHTMLAttributes, type ReactNode, type Ref } from 'react';
import { cx } from './cx.ts';

export const controlClass =
  'min-h-10 rounded-control border border-line-strong bg-surface px-3 text-ink placeholder:text-muted/80 hover:border-muted disabled:opacity-60 aria-invalid:border-bad';

interface FrameProps {
  label: string;
  hint?: ReactNode;
  problem?: string | undefined;
  className?: string;
  children: (ids: {
    id: string;
    'aria-describedby': string | undefined;
    'aria-invalid': true | undefined;
  }) => ReactNode;
}

export function Field({ label, hint, problem, className, children }: FrameProps) {
  const id = useId();
  const hintId = hint === undefined ? undefined : `${id}-hint`;
  const problemId = problem === undefined ? undefined : `${id}-problem`;
  const describedBy = [problemId, hintId].filter(Boolean).join(' ') || undefined;
  return (
    <div className={cx('min-w-0', className)}>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium">
        {label}
      </label>
      {children({ id, 'aria-describedby': describedBy, 'aria-invalid': problem === undefined ? undefined : true })}
      {problem === undefined ? null : (
        <p id={problemId} className="mt-1.5 text-sm text-bad">
          {problem}
        </p>
      )}
      {hint === undefined ? null : (
        <p id={hintId} className="mt-1.5 text-sm text-muted">
          {hint}
        </p>
      )}
    </div>
  );
}

type TextProps = Omit<InputHTMLAttributes<HTMLInputElement>, 'id'> &
  Pick<FrameProps, 'label' | 'hint' | 'problem'> & { frameClass?: string; ref?: Ref<HTMLInputElement> };

export function TextField({ label, hint, problem, frameClass, className, ...input }: TextProps) {
  return (
    <Field
      label={label}
      {...(hint === undefined ? {} : { hint })}
      problem={problem}
      {...(frameClass ? { className: frameClass } : {})}
    >
      {(ids) => <input {...input} {...ids} className={cx(controlClass, 'w-full', className)} />}
    </Field>
  );
}

export function PasswordField({ label, hint, problem, frameClass, className, ...input }: TextProps) {
  const [shown, setShown] = useState(false);
  return (
    <Field
      label={label}
      {...(hint === undefined ? {} : { hint })}
      problem={problem}
      {...(frameClass ? { className: frameClass } : {})}
    >
      {(ids) => (
        <div className="relative">
          <input
            {...input}
            {...ids}
            type={shown ? 'text' : 'password'}
            className={cx(controlClass, 'w-full pr-11', className)}
          />
          <button
            type="button"
            aria-label={shown ? 'Hide the password' : 'Show the password'}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
            className="absolute inset-y-0 right-0 flex w-10 items-center justify-center rounded-control text-muted hover:text-ink"
          >
            {shown ? <EyeOff size={18} aria-hidden="true" /> : <Eye size={18} aria-hidden="true" />}
          </button>
        </div>
      )}
    </Field>
  );
}
