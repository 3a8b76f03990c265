/** The row of tabs; scrolls sideways on a phone instead of pushing the page. */
import { Tabs } from 'radix-ui';

export function TabList({ label, tabs }: { label: string; tabs: { value: string; text: string }[] }) {
  return (
    <Tabs.List aria-label={label} className="strip mb-6 flex gap-1 overflow-x-auto border-b border-line">
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
