/**
 * SOAP faults, 1.2 and 1.1, as errors of ours. Makers write the codes with any prefix, at any level, or leave them out and
 * say it in the reason; so codes are compared by local name, and the reason decides where codes say nothing.
 */
import { clean } from '#core/base/clean-text.ts';
import { HubError } from '#core/base/errors.ts';
import type { XmlElement } from './soap-port.ts';
import { child, childrenOf, textAt } from './tree.ts';

export interface Fault {
  /** Local names, outermost first: Sender, NotAuthorized. */
  codes: string[];
  reason: string;
  /** 'refused': who asks. 'expired': when it was signed. 'not_offered': what is asked. */
  kind: 'refused' | 'expired' | 'not_offered' | 'other';
}

const maxCodes = 6;
const refusals = [
  'NotAuthorized',
  'SenderNotAuthorized',
  'FailedAuthentication',
  'InvalidSecurityToken',
  'Unauthorized',
];
const expiries = ['MessageExpired'];
const absences = [
  'ActionNotSupported',
  'OptionalActionNotImplemented',
  'NoSuchService',
  'ActionNotImplemented',
  'NotSupported',
  'NotImplemented',
];
/** Codes that say nothing beyond whose fault it is. */
const vague = ['Sender', 'Receiver', 'Client', 'Server', 'Fault'];

/** Null where the element is no fault. */
export function readFault(element: XmlElement): Fault | null {
  if (element.name !== 'Fault') return null;
  const codes: string[] = [];
  let level = child(element, 'Code');
  while (level !== null && codes.length < maxCodes) {
    const value = textAt(level, 'Value');
    if (value !== null) codes.push(localName(value));
    level = child(level, 'Subcode');
  }
  const old = textAt(element, 'faultcode');
  if (codes.length === 0 && old !== null) codes.push(...old.split('.').slice(0, maxCodes).map(localName));
  const reason = reasonOf(element);
  return { codes, reason, kind: kindOf(codes, reason) };
}

/** The error for a fault that is neither about who asks nor about when. `details.fault` holds the codes. */
export function faultError(title: string, fault: Fault): HubError {
  const said = clean(fault.reason === '' ? fault.codes.join(', ') : fault.reason, 160);
  const details = { fault: fault.codes.map((code) => clean(code)) };
  if (fault.kind === 'not_offered') {
    return new HubError('not_offered', `${title} does not offer this (${said}).`, { details });
  }
  return new HubError(
    'camera_error',
    `${title} answered with an error: ${said === '' ? 'no reason given' : said}. Try again; if it stays, check the camera's settings.`,
    { details },
  );
}

function kindOf(codes: readonly string[], reason: string): Fault['kind'] {
  const has = (names: readonly string[]): boolean =>
    codes.some((code) => names.some((name) => name.toLowerCase() === code.toLowerCase()));
  if (has(expiries)) return 'expired';
  if (has(refusals)) return 'refused';
  if (has(absences)) return 'not_offered';
  if (codes.some((code) => !vague.includes(code))) return 'other';
  if (
    /not authori[sz]ed|unauthori[sz]ed|authority fail|authenticat|(wrong|invalid|bad) (user|password)/i.test(reason)
  ) {
    return 'refused';
  }
  if (/not (implemented|supported|recogni[sz]ed)|no such (method|service|operation)/i.test(reason))
    return 'not_offered';
  return 'other';
}

function reasonOf(element: XmlElement): string {
  const texts = childrenOf(child(element, 'Reason'), 'Text');
  const english = texts.find((text) => (text.attributes['lang'] ?? '').toLowerCase().startsWith('en'));
  const reason = (english ?? texts[0])?.text ?? child(element, 'Reason')?.text ?? '';
  return reason !== '' ? reason : (textAt(element, 'faultstring') ?? textAt(element, 'Detail', 'Text') ?? '');
}

function localName(code: string): string {
  return code.trim().split(':').at(-1) ?? '';
}
