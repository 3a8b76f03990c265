/** Short news at the edge of the screen, read out politely; at most three at once. */
import { X } from 'lucide-react';
import { Toast as Radix } from 'radix-ui';
import { createContext, use, useCallback, useMemo, useState, type ReactNode } from 'react';
import { IconButton } from './button.tsx';
import { cx } from './cx.ts';

interface Message {
  id: number;
  text: string;
  tone: 'news' | 'problem';
  action?: { text: string; run: () => void };
}

type Show = (text: string, options?: { tone?: Message['tone']; action?: Message['action'] }) => void;
const Context = createContext<Show | null>(null);

/** `const toast = useToast(); toast('Saved')` */
export function useToast(): Show {
  const show = use(Context);
  if (!show) throw new Error('useToast outside ToastProvider');
  return show;
}

let nextId = 1;
const mostAtOnce = 3;

export function ToastProvider({ children }: { children: ReactNode }) {
  const [messages, setMessages] = useState<Message[]>([]);
  const show = useCallback<Show>((text, { tone = 'news', action } = {}) => {
    setMessages((old) => [...old.slice(1 - mostAtOnce), { id: nextId++, text, tone, ...(action ? { action } : {}) }]);
  }, []);
  const drop = (id: number): void => setMessages((old) => old.filter((message) => message.id !== id));
  const value = useMemo(() => show, [show]);
  return (
    <Context value={value}>
      <Radix.Provider duration={6000} label="News" swipeDirection="right">
        {children}
        {messages.map(({ id, text, tone, action }) => (
          <Radix.Root
            key={id}
            type={tone === 'problem' ? 'foreground' : 'background'}
            onOpenChange={(open) => {
              if (!open) drop(id);
            }}
            className={cx(
              'toast flex items-center gap-3 rounded-card border bg-raised py-2 pr-2 pl-4 shadow-pop',
              tone === 'problem' ? 'border-bad' : 'border-line-strong',
            )}
          >
            <Radix.Description className="min-w-0 flex-1 break-words text-sm">{text}</Radix.Description>
            {action ? (
              <Radix.Action altText={action.text} asChild>
                <button
                  type="button"
                  onClick={action.run}
                  className="rounded-md px-2 py-1 text-sm font-semibold text-accent-ink hover:bg-surface"
                >
                  {action.text}
                </button>
              </Radix.Action>
            ) : null}
            <Radix.Close asChild>
              <IconButton label="Dismiss" className="size-8">
                <X size={16} aria-hidden="true" />
              </IconButton>
            </Radix.Close>
          </Radix.Root>
        ))}
        <Radix.Viewport className="fixed right-4 bottom-20 z-[60] flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2 sm:bottom-4" />
      </Radix.Provider>
    </Context>
  );
}
