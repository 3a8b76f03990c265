/**
 * Dialogs. Radix's own overlay is not used: it injects a style element to lock scrolling, which the CSP refuses; theme.css
 * locks the page instead. `data-modal` is what that rule looks for.
 */
import { X } from 'lucide-react';
import { AlertDialog as RadixAlert, Dialog as RadixDialog } from 'radix-ui';
import { useState, type ReactNode } from 'react';
import { Button, IconButton } from './button.tsx';
import { cx } from './cx.ts';

const veil = 'veil fixed inset-0 z-40 bg-black/60';
const sheet =
  'sheet fixed z-50 left-1/2 top-1/2 -translate-x-1/2 -translate-y-1/2 max-h-[calc(100dvh-1.5rem)] w-[calc(100vw-1.5rem)] overflow-y-auto rounded-card border border-line bg-surface shadow-pop';

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** Read out after the title; shown under it. */
  description?: string;
  width?: 'narrow' | 'wide' | 'full';
  children: ReactNode;
  /** The title is for screen readers only; the content draws its own head. */
  bare?: boolean;
}

const widths = { narrow: 'max-w-md', wide: 'max-w-2xl', full: 'max-w-6xl' };

export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  width = 'narrow',
  children,
  bare = false,
}: DialogProps) {
  return (
    <RadixDialog.Root open={open} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <div className={veil} />
        <RadixDialog.Content
          data-modal=""
          aria-modal="true"
          className={cx(sheet, widths[width])}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        >
          {bare ? (
            <RadixDialog.Title className="sr-only">{title}</RadixDialog.Title>
          ) : (
            <header className="flex items-start gap-4 px-6 pt-5 pb-3">
              <div className="min-w-0 flex-1">
                <RadixDialog.Title className="text-lg font-semibold tracking-tight">{title}</RadixDialog.Title>
                {description === undefined ? null : (
                  <RadixDialog.Description className="mt-1 text-sm text-muted">{description}</RadixDialog.Description>
                )}
              </div>
              <RadixDialog.Close asChild>
                <IconButton label="Close" className="-mr-2 -mt-1">
                  <X size={18} aria-hidden="true" />
                </IconButton>
              </RadixDialog.Close>
            </header>
          )}
          <div className={bare ? '' : 'px-6 pb-6'}>{children}</div>
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

interface ConfirmProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** What is lost, in so many words. */
  children: ReactNode;
  confirm: string;
  /** Closes when it resolves; a rejection is shown and the dialog stays. */
  onConfirm: () => Promise<unknown>;
}

export function Confirm({ open, onOpenChange, title, children, confirm, onConfirm }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const run = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await onConfirm();
      onOpenChange(false);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <RadixAlert.Root open={open} onOpenChange={onOpenChange}>
      <RadixAlert.Portal>
        <div className={veil} />
        <RadixAlert.Content data-modal="" aria-modal="true" className={cx(sheet, 'max-w-md p-6')}>
          <RadixAlert.Title className="text-lg font-semibold tracking-tight">{title}</RadixAlert.Title>
          <RadixAlert.Description asChild>
            <div className="mt-2 space-y-2 text-muted">{children}</div>
          </RadixAlert.Description>
          {problem === null ? null : (
            <p role="alert" className="mt-3 text-bad">
              {problem}
            </p>
          )}
          <div className="mt-6 flex flex-wrap justify-end gap-3">
            <RadixAlert.Cancel asChild>
              <Button>Keep</Button>
            </RadixAlert.Cancel>
            <Button tone="danger" busy={busy} onClick={() => void run()}>
              {confirm}
            </Button>
          </div>
        </RadixAlert.Content>
      </RadixAlert.Portal>
    </RadixAlert.Root>
  );
}
