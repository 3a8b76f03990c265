/** The conversations of the ONVIF process: who speaks through which camera. Bounded; each ends with its asker or its camera. */
import type { Clock } from '#core/base/clock.ts';
import { HubError } from '#core/base/errors.ts';
import type { OnvifTarget } from '#core/domain/onvif.ts';
import type { HubToOnvif, OnvifToHub } from '#core/domain/onvif-protocol.ts';
import { openBackchannel, type Backchannel } from '#core/media/rtsp/backchannel.ts';

/** A home speaks through one camera, sometimes two. */
const mostTalks = 8;

interface Talk {
  abort: AbortController;
  channel: Backchannel | null;
}

interface Init {
  clock: Clock;
  send: (message: OnvifToHub) => void;
  bug: (what: string, error: unknown) => void;
  certificate: (target: OnvifTarget, address: string, fingerprint: string) => void;
}

export class Talks {
  readonly #init: Init;
  readonly #talks = new Map<number, Talk>();

  constructor(init: Init) {
    this.#init = init;
  }

  async open({ requestId, target }: Extract<HubToOnvif, { type: 'talk' }>): Promise<void> {
    const { send, clock, certificate } = this.#init;
    const talk: Talk = { abort: new AbortController(), channel: null };
    try {
      if (this.#talks.size >= mostTalks)
        throw new HubError('too_many', 'Several people are speaking through cameras already. Wait for one to end.');
      this.#talks.set(requestId, talk);
      const asked = {
        ...target,
        onCertificate: (address: string, fingerprint: string) => certificate(target, address, fingerprint),
      };
      talk.channel = await openBackchannel(asked, { clock, signal: talk.abort.signal }, ({ code, message }) => {
        this.#talks.delete(requestId);
        send({ type: 'talk-ended', requestId, code, message });
      });
      send({ type: 'talk-ready', requestId, sampleRate: talk.channel.sampleRate });
    } catch (error) {
      if (this.#talks.get(requestId) === talk) this.#talks.delete(requestId);
      if (talk.abort.signal.aborted) return;
      if (error instanceof HubError) send({ type: 'failed', requestId, code: error.code, message: error.message });
      else {
        this.#init.bug('talk', error);
        send({ type: 'failed', requestId, code: 'internal', message: 'Porchlight made a mistake. The log has it.' });
      }
    }
  }

  /** Sound for a conversation that is not open (any more) is thrown away. */
  audio({ requestId, pcm }: Extract<HubToOnvif, { type: 'talk-audio' }>): void {
    this.#talks.get(requestId)?.channel?.send(pcm);
  }

  async close(requestId: number): Promise<void> {
    const talk = this.#talks.get(requestId);
    if (!talk) return;
    this.#talks.delete(requestId);
    talk.abort.abort(new Error('The conversation was ended.'));
    await talk.channel?.close();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#talks.keys()].map((requestId) => this.close(requestId)));
  }
}
