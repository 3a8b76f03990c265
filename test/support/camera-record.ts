/** A camera as the store keeps it, with plain values for what a test does not care about. */
import { defaultDetectSettings } from '#core/domain/detection.ts';
import { newCameraId } from '#core/domain/ids.ts';
import { defaultPtzSettings, type CameraRecord } from '#core/domain/records.ts';

export function cameraRecord(given: Partial<CameraRecord> = {}): CameraRecord {
  return {
    id: newCameraId(),
    name: 'Porch',
    url: 'rtsp://127.0.0.1/x',
    subUrl: null,
    username: null,
    sealedPassword: null,
    onvifUrl: null,
    onvif: null,
    room: null,
    ptz: defaultPtzSettings,
    tlsPins: {},
    record: 'continuous',
    audio: true,
    indoor: false,
    detect: defaultDetectSettings,
    demo: false,
    position: 0,
    createdMs: 0,
    ...given,
  };
}
