/** Settings, in sections that can be linked to. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Tabs } from 'radix-ui';
import { settingsSearch, settingsSections, type SettingsSection } from '../../app/search.ts';
import { PageHead } from '../../ui/surfaces.tsx';
import { TabList } from '../../ui/tab-list.tsx';
import { AboutSection } from './about-section.tsx';
import { AppearanceSection } from './appearance-section.tsx';
import { DetectionSection } from './detection-section.tsx';
import { RecordingSection } from './recording-section.tsx';
import { StorageSection } from './storage-section.tsx';

const sections: Record<SettingsSection, { title: string; Content: () => React.ReactNode }> = {
  storage: { title: 'Storage', Content: StorageSection },
  recording: { title: 'Recording', Content: RecordingSection },
  detection: { title: 'Detection', Content: DetectionSection },
  appearance: { title: 'Appearance', Content: AppearanceSection },
  about: { title: 'About', Content: AboutSection },
};

export function SettingsPage() {
  const { section = 'storage' } = settingsSearch(useSearch({ from: '/settings' }));
  const navigate = useNavigate({ from: '/settings' });
  return (
    <>
      <PageHead title="Settings" note="For the whole home. Each camera has its own settings too." />
      <Tabs.Root
        value={section}
        onValueChange={(next) =>
          void navigate({ search: { section: next as SettingsSection }, replace: true, resetScroll: false })
        }
      >
        <TabList
          label="Settings"
          open={section}
          tabs={settingsSections.map((value) => ({ value, text: sections[value].title }))}
        />
        {settingsSections.map((value) => {
          const { Content } = sections[value];
          return (
            <Tabs.Content key={value} value={value} className="max-w-3xl space-y-5 outline-none">
              <Content />
            </Tabs.Content>
          );
        })}
      </Tabs.Root>
    </>
  );
}
