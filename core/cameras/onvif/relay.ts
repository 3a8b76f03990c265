/** Relay outputs: a lamp, a siren, a gate. Asked of the Device service, of DeviceIO where the first does not offer it. */
import { HubError } from '#core/base/errors.ts';
import type { OnvifConnection, XmlElement } from './soap-port.ts';
import { escapeXml } from './tree.ts';

export async function setRelay(
  connection: OnvifConnection,
  { token, active }: { token: string; active: boolean },
): Promise<object> {
  // DeviceIO shares the Device service's message: its WSDL names tds:SetRelayOutputState.
  const body = [
    `<tds:SetRelayOutputState><tds:RelayOutputToken>${escapeXml(token)}</tds:RelayOutputToken>`,
    `<tds:LogicalState>${active ? 'active' : 'inactive'}</tds:LogicalState></tds:SetRelayOutputState>`,
  ].join('');
  const ask = (to: 'device' | 'deviceio', namespace: string): Promise<XmlElement> =>
    connection.call({ to, action: `${namespace}/SetRelayOutputState`, body });
  try {
    await ask('device', 'http://www.onvif.org/ver10/device/wsdl');
  } catch (error) {
    const elsewhere = error instanceof HubError && error.code === 'not_offered' && connection.has('deviceio');
    if (!elsewhere) throw error;
    await ask('deviceio', 'http://www.onvif.org/ver10/deviceio/wsdl');
  }
  return {};
}
