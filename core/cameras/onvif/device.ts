/** What a camera is, and what hangs on it besides the lens: relays, a loudspeaker, events (Device, DeviceIO, Event). */
import { clean } from '#core/base/clean-text.ts';
import type { OnvifDescription, OnvifEvents, OnvifInfo } from '#core/domain/onvif.ts';
import type { Attempts } from './attempts.ts';
import { signalsOfTopicSet } from './events-topics.ts';
import type { OnvifConnection } from './soap-port.ts';
import { asBoolean, asNumber, at, child, childrenOf, textAt } from './tree.ts';

const device = 'http://www.onvif.org/ver10/device/wsdl';
/** As the DeviceIO description spells its actions; the namespace of its elements has a capital IO. */
const deviceIo = 'http://www.onvif.org/ver10/deviceio/wsdl';
const events = 'http://www.onvif.org/ver10/events/wsdl';
const mostRelays = 32;

/** Asks for what needs a user, so it is also the first proof of the password. */
export async function readInfo(connection: OnvifConnection): Promise<OnvifInfo> {
  const answer = await connection.call({
    to: 'device',
    action: `${device}/GetDeviceInformation`,
    body: '<tds:GetDeviceInformation/>',
  });
  const text = (name: string): string => clean(textAt(answer, name) ?? '', 128);
  return {
    make: text('Manufacturer'),
    model: text('Model'),
    firmware: text('FirmwareVersion'),
    serial: text('SerialNumber'),
    hardware: text('HardwareId'),
  };
}

export async function readRelays(connection: OnvifConnection, attempts: Attempts): Promise<OnvifDescription['relays']> {
  // DeviceIO took the question over from the Device service, element and all.
  const body = '<tds:GetRelayOutputs/>';
  const places = [
    { to: 'device', action: `${device}/GetRelayOutputs`, body },
    { to: 'deviceio', action: `${deviceIo}/GetRelayOutputs`, body },
  ] as const;
  for (const place of places) {
    if (!connection.has(place.to)) continue;
    const answer = await attempts.perhaps(() => connection.call(place));
    const tokens = childrenOf(answer, 'RelayOutputs')
      .map((relay) => relay.attributes['token'] ?? '')
      .filter((token) => token !== '' && token.length <= 256);
    if (tokens.length > 0) {
      return [...new Set(tokens)].slice(0, mostRelays).map((token, index) => ({ token, name: `Relay ${index + 1}` }));
    }
  }
  return [];
}

/** It has a loudspeaker, or says so. */
export async function readTalk(connection: OnvifConnection, attempts: Attempts): Promise<boolean> {
  const places = [
    { to: 'media1', action: 'http://www.onvif.org/ver10/media/wsdl/GetAudioOutputs', body: '<trt:GetAudioOutputs/>' },
    { to: 'deviceio', action: `${deviceIo}/GetAudioOutputs`, body: '<tmd:GetAudioOutputs/>' },
    {
      to: 'media2',
      action: 'http://www.onvif.org/ver20/media/wsdl/GetAudioOutputConfigurations',
      body: '<tr2:GetAudioOutputConfigurations/>',
    },
  ] as const;
  for (const place of places) {
    if (!connection.has(place.to)) continue;
    const answer = await attempts.perhaps(() => connection.call(place));
    if (['AudioOutputs', 'Token', 'Configurations'].some((name) => child(answer, name) !== null)) return true;
  }
  return false;
}

/** Null where it has no event service. */
export async function readEvents(connection: OnvifConnection, attempts: Attempts): Promise<OnvifEvents | null> {
  if (!connection.has('events')) return null;
  const abilities =
    connection.capabilities('events') ??
    child(
      await attempts.perhaps(() =>
        connection.call({
          to: 'events',
          action: `${events}/EventPortType/GetServiceCapabilitiesRequest`,
          body: '<tev:GetServiceCapabilities/>',
          addressing: true,
        }),
      ),
      'Capabilities',
    );
  const word = (name: string): string | null => abilities?.attributes[name] ?? textAt(abilities, name);
  const answer = await attempts.expect('What it can report by itself', () =>
    connection.call({
      to: 'events',
      action: `${events}/EventPortType/GetEventPropertiesRequest`,
      body: '<tev:GetEventProperties/>',
      addressing: true,
    }),
  );
  const topics = at(answer, 'TopicSet');
  return {
    // Every camera must offer both; some forget to say so.
    pullPoint: asBoolean(word('WSPullPointSupport')) ?? true,
    base: asNumber(word('MaxNotificationProducers')) !== 0,
    signals: topics === null ? [] : signalsOfTopicSet(topics),
  };
}
