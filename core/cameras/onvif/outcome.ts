/** What an HTTP answer to a SOAP request means. Pure. Whatever a camera sends is one of three: an answer, a no, an error. */
import { HubError } from '#core/base/errors.ts';
import type { CheckedAnswer } from './camera-http.ts';
import * as say from './connection-failure.ts';
import { emptyBody, readBody } from './envelope.ts';
import { faultError, readFault } from './fault.ts';
import type { HttpAnswer } from './http.ts';
import type { XmlElement } from './soap-port.ts';

export interface Refusal {
  kind: 'refused';
  /** HTTP refused (401 with a challenge), a fault did (or a bare 401 or 403), or it was about the time of signing. */
  by: 'http' | 'fault' | 'expired';
  /** By HTTP: the password went out and was refused. */
  certain: boolean;
  /** How often the request went out. */
  tries: number;
  /** HTTP's Date. */
  date: string | undefined;
}
export type Settled = { kind: 'answer'; body: XmlElement } | { kind: 'error'; error: HubError };
export type Outcome = Settled | Refusal;

/** `spoke`: this camera has spoken SOAP before. Comes back true when it does now. */
export function readOutcome(
  answer: HttpAnswer & Partial<CheckedAnswer>,
  place: { title: string; where: string; spoke: boolean },
): Outcome & { spoke: boolean } {
  const { status } = answer;
  const { title, where } = place;
  const refused = (by: Refusal['by']): Refusal => ({
    kind: 'refused',
    by,
    certain: answer.refused === true,
    tries: answer.tries ?? 1,
    date: answer.headers.date,
  });
  const told = (outcome: Outcome, spoke = place.spoke): Outcome & { spoke: boolean } => ({ ...outcome, spoke });

  if (status === 401 && answer.challenges.length > 0) return told(refused('http'));
  const denied = status === 401 || status === 403;
  if (answer.body.length === 0) {
    if (denied) return told(refused('fault'));
    if (status >= 200 && status < 300 && place.spoke) return told({ kind: 'answer', body: emptyBody });
    return told({ kind: 'error', error: say.statusFailure(title, where, status, place.spoke) });
  }
  const body = bodyOf(answer);
  if (body === null || body instanceof HubError) {
    if (denied) return told(refused('fault'));
    return told({ kind: 'error', error: say.notSoap(title, where, answer, place.spoke, body ?? undefined) });
  }
  const fault = readFault(body);
  if (fault === null) return told({ kind: 'answer', body }, true);
  if (fault.kind === 'expired' || fault.kind === 'refused') {
    return told(refused(fault.kind === 'expired' ? 'expired' : 'fault'), true);
  }
  return told({ kind: 'error', error: faultError(title, fault) }, true);
}

/** Null where it is XML of another kind, the error where it is none. */
function bodyOf(answer: HttpAnswer): XmlElement | HubError | null {
  try {
    return readBody(answer.body);
  } catch (error) {
    if (error instanceof HubError) return error;
    throw error;
  }
}
