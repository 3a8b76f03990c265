/** SOAP 1.2 envelopes out, bodies of answers (1.2 and 1.1) in. Pure but for the random message id. */
import { randomUUID } from 'node:crypto';
import { HubError } from '#core/base/errors.ts';
import { namespaces } from './namespaces.ts';
import type { SoapRequest, XmlElement } from './soap-port.ts';
import { child, escapeXml } from './tree.ts';
import { parseXml } from './xml.ts';

/** Nothing of ours uses them; device programs that look for the words look for these too. */
const schemas = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"';

/** `security`: the header block from wsse.ts, or ''. `url`: where it goes, for WS-Addressing. */
export function envelope(request: SoapRequest, url: string, security: string): string {
  const parameters = typeof request.to === 'string' ? '' : (request.to.referenceParameters ?? '');
  const addressing =
    request.addressing === true
      ? `<wsa:MessageID>urn:uuid:${randomUUID()}</wsa:MessageID>` +
        '<wsa:ReplyTo><wsa:Address>http://www.w3.org/2005/08/addressing/anonymous</wsa:Address></wsa:ReplyTo>' +
        `<wsa:To s:mustUnderstand="1">${escapeXml(url)}</wsa:To>` +
        `<wsa:Action s:mustUnderstand="1">${escapeXml(request.action)}</wsa:Action>`
      : '';
  const inside = addressing + parameters + security;
  const header = inside === '' ? '' : `<s:Header>${inside}</s:Header>`;
  const content = `${header}<s:Body${schemas}>${plainly(request.body)}</s:Body>`;
  return `<?xml version="1.0" encoding="UTF-8"?><s:Envelope${declarations(content)}>${content}</s:Envelope>`;
}

/** Only what is used: some take the service from whatever namespace stands in the message. */
function declarations(content: string): string {
  return Object.entries(namespaces)
    .filter(([prefix]) => content.includes(`${prefix}:`))
    .map(([prefix, uri]) => ` xmlns:${prefix}="${uri}"`)
    .join('');
}

/**
 * The question with the namespace of its service as the default one. To XML it is the same; but small device programs look
 * for the words instead of reading XML, and these are the words of the client that all of them were tried with.
 */
function plainly(body: string): string {
  const prefix = /^<(\w+):/.exec(body)?.[1];
  const uri = prefix === undefined ? undefined : namespaces[prefix];
  if (prefix === undefined || uri === undefined) return body;
  return body.replaceAll(new RegExp(`<(/?)${prefix}:`, 'g'), '<$1').replace(/^<([\w.-]+)/, `<$1 xmlns="${uri}"`);
}

export function contentType(action: string): string {
  return `application/soap+xml; charset=utf-8; action="${action.replace(/["\\\r\n]/g, '')}"`;
}

/** An answer without a body says that all is well. */
const nothing: XmlElement = { ns: '', name: '', attributes: {}, children: [], text: '' };

/**
 * The first element inside the SOAP body; an empty element when there is none. Null when this is XML of another kind.
 * Throws HubError `camera_bad_description` when it is no XML.
 */
export function readBody(bytes: Uint8Array): XmlElement | null {
  const root = parseXml(bytes);
  if (root.name !== 'Envelope') return null;
  const body = child(root, 'Body');
  if (body === null) throw new HubError('camera_bad_description', 'The answer is an envelope without a body.');
  return body.children[0] ?? nothing;
}

export { nothing as emptyBody };
