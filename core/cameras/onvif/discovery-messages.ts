/**
 * What is asked in a search. Two editions of WS-Discovery are in use (April 2005, which ONVIF prescribes, and 1.1), and
 * cameras differ in the type they answer to: video transmitter, device, or only a question without a type.
 */
import { randomUUID } from 'node:crypto';

export type ProbeKind = 'transmitter' | 'device' | 'any' | 'any-1.1';

const editions = {
  2005: {
    addressing: 'http://schemas.xmlsoap.org/ws/2004/08/addressing',
    discovery: 'http://schemas.xmlsoap.org/ws/2005/04/discovery',
    to: 'urn:schemas-xmlsoap-org:ws:2005:04:discovery',
  },
  '1.1': {
    addressing: 'http://www.w3.org/2005/08/addressing',
    discovery: 'http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01',
    to: 'urn:docs-oasis-open-org:ws-dd:ns:discovery:2009:01',
  },
} as const;

const types: Record<ProbeKind, string> = {
  transmitter: '<d:Types xmlns:dn="http://www.onvif.org/ver10/network/wsdl">dn:NetworkVideoTransmitter</d:Types>',
  device: '<d:Types xmlns:tds="http://www.onvif.org/ver10/device/wsdl">tds:Device</d:Types>',
  any: '',
  'any-1.1': '',
};

/** A probe with a message id of its own; replies name that id. */
export function probeMessage(kind: ProbeKind): { id: string; message: Buffer } {
  const id = randomUUID();
  const edition = editions[kind === 'any-1.1' ? '1.1' : 2005];
  const text =
    '<?xml version="1.0" encoding="UTF-8"?>' +
    `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="${edition.addressing}" xmlns:d="${edition.discovery}">` +
    `<s:Header><a:Action s:mustUnderstand="1">${edition.discovery}/Probe</a:Action>` +
    `<a:MessageID>urn:uuid:${id}</a:MessageID>` +
    `<a:ReplyTo><a:Address>${edition.addressing}/${kind === 'any-1.1' ? 'anonymous' : 'role/anonymous'}</a:Address></a:ReplyTo>` +
    `<a:To s:mustUnderstand="1">${edition.to}</a:To></s:Header>` +
    `<s:Body><d:Probe>${types[kind]}</d:Probe></s:Body></s:Envelope>`;
  return { id, message: Buffer.from(text) };
}
