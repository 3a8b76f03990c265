/** The ONVIF process as the hub sees it, played by a test: it hears what it is told and says what the test wants. */
import type { HubToOnvif, OnvifToHub } from '#core/domain/onvif-protocol.ts';
import type { OnvifChild } from '#core/hub/onvif-link.ts';

export class FakeOnvifChild implements OnvifChild {
  onMessage: OnvifChild['onMessage'] = () => undefined;
  onSpawn = (): void => undefined;
  onEnd = (): void => undefined;
  readonly name = 'onvif';
  running = false;
  readonly told: HubToOnvif[] = [];

  start(): void {
    this.running = true;
    this.onSpawn();
  }

  send(message: HubToOnvif): boolean {
    if (!this.running) return false;
    this.told.push(message);
    return true;
  }

  stop(): Promise<void> {
    this.running = false;
    return Promise.resolve();
  }

  kill(): void {
    this.die();
  }

  /** As after a crash: the supervisor starts it again with `start()`. */
  die(): void {
    this.running = false;
    this.onEnd();
  }

  say(message: OnvifToHub): void {
    this.onMessage(message);
  }

  /** The newest question of that kind. */
  last<T extends HubToOnvif['type']>(type: T): Extract<HubToOnvif, { type: T }> {
    const found = this.told.findLast((message) => message.type === type);
    if (!found) throw new Error(`It was not told '${type}'.`);
    return found as Extract<HubToOnvif, { type: T }>;
  }
}
