/** The row of tabs; scrolls sideways on a phone instead of pushing the page. */
import { Tabs } from 'radix-ui';
import { useEffect, useRef } from 'react';

interface TabListProps {
  label: string;
  /** The value of the open one, which is kept in view. */
  open: string;
  tabs: { value: string; text: string }[];
}

export function TabList({ label, open, tabs }: TabListProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const tab = list.current?.querySelector<HTMLElement>('[data-state="active"]');
    if (tab && list.current)
      list.current.scrollLeft = tab.offsetLeft - (list.current.clientWidth - tab.clientWidth) / 2;
  }, [open]);
  return (
    <Tabs.List
      ref={list}
      aria-label={label}
      className="strip relative mb-6 flex gap-1 overflow-x-auto border-b border-line"
    >
      {tabs.map((tab) => (
        <Tabs.Trigger
          key={tab.value}
          value={tab.value}
          className="-mb-px shrink-0 rounded-t-control border-b-2 border-transparent px-3.5 py-2.5 text-muted transition-colors hover:text-ink data-[state=active]:border-accent data-[state=active]:font-semibold data-[state=active]:text-ink"
        >
          {tab.text}
        </Tabs.Trigger>
      ))}
    </Tabs.List>
  );
}
