/** Dark, light, or as the system has it. */
import { Monitor, Moon, Sun } from 'lucide-react';
import { useSettings } from '../../client/queries.ts';
import { useChangeSettings } from '../../client/settings.ts';
import { Segmented } from '../../ui/segmented.tsx';
import { Card } from '../../ui/surfaces.tsx';
import { useToast } from '../../ui/toast.tsx';

const options = [
  {
    value: 'system',
    text: (
      <>
        <Monitor size={16} aria-hidden="true" /> As the system
      </>
    ),
  },
  {
    value: 'dark',
    text: (
      <>
        <Moon size={16} aria-hidden="true" /> Dark
      </>
    ),
  },
  {
    value: 'light',
    text: (
      <>
        <Sun size={16} aria-hidden="true" /> Light
      </>
    ),
  },
] as const;

export function AppearanceSection() {
  const settings = useSettings();
  const change = useChangeSettings();
  const toast = useToast();
  return (
    <Card title="Theme" note="Times, dates and numbers are written as your browser's language does.">
      <Segmented
        label="Theme"
        value={settings.data?.theme ?? 'system'}
        options={options}
        onChange={(theme) =>
          change.mutate({ theme }, { onError: (error) => toast(error.message, { tone: 'problem' }) })
        }
      />
    </Card>
  );
}
