/** One camera's settings: connection and recording, detection, zones, its picture, its care. Each tab saves on its own. */
import type { Camera } from '#core/api/schemas.ts';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Cctv } from 'lucide-react';
import { Tabs } from 'radix-ui';
import { cameraSearch, cameraSections, type CameraSection } from '../../app/search.ts';
import { useCamera } from '../../client/queries.ts';
import { buttonClass } from '../../ui/button.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { Empty, Loading, PageHead, Problem } from '../../ui/surfaces.tsx';
import { TabList } from '../../ui/tab-list.tsx';
import { cameraWords } from '../../ui/words.tsx';
import { BackToCameras } from './add-camera-page.tsx';
import { CareTab } from './care-tab.tsx';
import { DetectionTab } from './detection-tab.tsx';
import { GeneralTab } from './general-tab.tsx';
import { ImagingTab } from './imaging-tab.tsx';
import { ZonesTab } from './zones-tab.tsx';

const titles: Record<CameraSection, string> = {
  general: 'General',
  detection: 'Detection',
  zones: 'Zones and masks',
  picture: 'Picture',
  care: 'Camera',
};

export function CameraPage() {
  const { cameraId } = useParams({ from: '/cameras/$cameraId' });
  const camera = useCamera(cameraId);
  if (camera.isPending) return <Loading what="Asking for the camera" />;
  if (camera.isError) return <Problem error={camera.error} onRetry={() => void camera.refetch()} />;
  if (!camera.data) {
    return (
      <Empty
        picture={<Cctv size={48} strokeWidth={1.5} aria-hidden="true" />}
        title="This camera is not here any more"
        action={
          <Link to="/cameras" className={buttonClass('primary')}>
            All cameras
          </Link>
        }
      />
    );
  }
  return <CameraTabs key={camera.data.id} camera={camera.data} />;
}

function CameraTabs({ camera }: { camera: Camera }) {
  const { section = 'general' } = cameraSearch(useSearch({ from: '/cameras/$cameraId' }));
  const navigate = useNavigate({ from: '/cameras/$cameraId' });
  return (
    <>
      <BackToCameras />
      <PageHead
        title={camera.name}
        note={<StateMark words={cameraWords(camera)} />}
        actions={
          <Link to="/camera/$cameraId" params={{ cameraId: camera.id }} className={buttonClass('plain')}>
            Watch
          </Link>
        }
      />
      <Tabs.Root
        value={section}
        onValueChange={(next) =>
          void navigate({ search: { section: next as CameraSection }, replace: true, resetScroll: false })
        }
      >
        <TabList
          label="Settings of this camera"
          open={section}
          tabs={cameraSections.map((value) => ({ value, text: titles[value] }))}
        />
        <Tabs.Content value="general" className="outline-none">
          <GeneralTab camera={camera} />
        </Tabs.Content>
        <Tabs.Content value="detection" className="outline-none">
          <DetectionTab camera={camera} />
        </Tabs.Content>
        <Tabs.Content value="zones" className="outline-none">
          <ZonesTab camera={camera} />
        </Tabs.Content>
        <Tabs.Content value="picture" className="outline-none">
          <ImagingTab camera={camera} />
        </Tabs.Content>
        <Tabs.Content value="care" className="outline-none">
          <CareTab camera={camera} />
        </Tabs.Content>
      </Tabs.Root>
    </>
  );
}
