/**
 * What the camera has to report, and who wants to hear: pull points with a bounded queue each, and consumers that are
 * called. Invariant: a subscription that was not renewed is gone at its end, with whatever it held.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '#core/base/clock.ts';
import type { CameraSignal } from '#core/domain/onvif.ts';

/** One state or happening under a topic. `data` is a state's value for properties. */
export interface CameraEvent {
  topic: string;
  source: [name: string, value: string][];
  data: [name: string, value: string][];
  /** Null for happenings that are no property (a crossed line). */
  operation: 'Initialized' | 'Changed' | 'Deleted' | null;
  /** The camera's own clock. */
  timeMs: number;
}

interface Topic {
  topic: string;
  source: [string, string][];
  data: string;
  property: boolean;
}

const rule = (name: string): [string, string][] => [
  ['VideoSourceConfigurationToken', 'video_source_config'],
  ['VideoAnalyticsConfigurationToken', 'analytics'],
  ['Rule', name],
];

/** Topics as cameras in the field use them. Motion is told under two, as many do. */
export const topics: Record<CameraSignal, Topic[]> = {
  motion: [
    { topic: 'tns1:RuleEngine/CellMotionDetector/Motion', source: rule('Motion'), data: 'IsMotion', property: true },
    { topic: 'tns1:VideoSource/MotionAlarm', source: [['Source', 'video_source']], data: 'State', property: true },
  ],
  person: [
    {
      topic: 'tns1:RuleEngine/MyRuleDetector/PeopleDetect',
      source: [['Source', 'video_source']],
      data: 'State',
      property: true,
    },
  ],
  vehicle: [
    {
      topic: 'tns1:RuleEngine/MyRuleDetector/VehicleDetect',
      source: [['Source', 'video_source']],
      data: 'State',
      property: true,
    },
  ],
  animal: [
    {
      topic: 'tns1:RuleEngine/MyRuleDetector/DogCatDetect',
      source: [['Source', 'video_source']],
      data: 'State',
      property: true,
    },
  ],
  line_crossing: [
    { topic: 'tns1:RuleEngine/LineDetector/Crossed', source: rule('Line 1'), data: 'ObjectId', property: false },
  ],
  input: [
    {
      topic: 'tns1:Device/Trigger/DigitalInput',
      source: [['InputToken', 'input_1']],
      data: 'LogicalState',
      property: true,
    },
  ],
  tamper: [
    { topic: 'tns1:RuleEngine/TamperDetector/Tamper', source: rule('Tamper'), data: 'IsTamper', property: true },
  ],
};

const maxQueued = 200;
const maxSubscriptions = 16;

export interface EventFaults {
  noLongPoll: boolean;
  /** Pull points are not offered; base notifications are. */
  noPullPoint: boolean;
  missingOff: boolean;
  /** Subscriptions are told apart by reference parameters, not by their address. */
  referenceParameters: boolean;
  /** What a new subscription hears first. 'Initialized' is what the specification says. */
  replay: 'Initialized' | 'Changed' | 'none';
}

export interface Subscription {
  id: string;
  endsMs: number;
  /** Where to post; null for a pull point. */
  consumer: string | null;
  wants: (topic: string) => boolean;
  queue: CameraEvent[];
  /** Wakes the pull that waits. */
  wake: (() => void) | null;
}

export class EventBroker {
  readonly faults: EventFaults = {
    noLongPoll: false,
    noPullPoint: false,
    missingOff: false,
    referenceParameters: false,
    replay: 'Initialized',
  };
  /** Posts to a consumer; set by who owns the network. */
  post: (consumer: string, events: CameraEvent[]) => void = () => undefined;
  readonly #clock: Clock;
  readonly #cameraMs: () => number;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #states = new Map<CameraSignal, boolean>();
  #objects = 0;

  /** `cameraMs`: the camera's clock, for time stamps; `clock` alone measures the ends of subscriptions. */
  constructor(clock: Clock, cameraMs: () => number) {
    this.#clock = clock;
    this.#cameraMs = cameraMs;
  }

  get size(): number {
    this.#expire();
    return this.#subscriptions.size;
  }

  state(signal: CameraSignal): boolean {
    return this.#states.get(signal) ?? false;
  }

  /** Null when there are too many. */
  subscribe(consumer: string | null, lastsMs: number, wants: (topic: string) => boolean): Subscription | null {
    this.#expire();
    if (this.#subscriptions.size >= maxSubscriptions) return null;
    const id = randomBytes(4).toString('hex');
    const endsMs = this.#clock.monoMs() + lastsMs;
    const subscription: Subscription = { id, endsMs, consumer, wants, queue: [], wake: null };
    this.#subscriptions.set(id, subscription);
    if (this.faults.replay !== 'none') this.#replay(subscription, this.faults.replay);
    return subscription;
  }

  find(id: string): Subscription | null {
    this.#expire();
    return this.#subscriptions.get(id) ?? null;
  }

  renew(subscription: Subscription, lastsMs: number): void {
    subscription.endsMs = this.#clock.monoMs() + lastsMs;
  }

  unsubscribe(id: string): void {
    this.#subscriptions.get(id)?.wake?.();
    this.#subscriptions.delete(id);
  }

  /** As after a restart of the camera's event service: everyone's subscription is unknown. */
  forgetAll(): void {
    for (const id of [...this.#subscriptions.keys()]) this.unsubscribe(id);
  }

  /** SetSynchronizationPoint: the state of everything, once more. */
  synchronise(subscription: Subscription): void {
    this.#replay(subscription, 'Initialized');
  }

  raise(signal: CameraSignal, active: boolean): void {
    this.#states.set(signal, active);
    if (!active && this.faults.missingOff) return;
    const events = topics[signal]
      .filter((topic) => topic.property || active)
      .map((topic) => this.#event(topic, active, topic.property ? 'Changed' : null));
    for (const subscription of this.#subscriptions.values()) this.#give(subscription, events);
  }

  /** Resolves with up to `limit` events: at once if there are some, else with the first to come or none after `waitMs`. */
  async pull(subscription: Subscription, limit: number, waitMs: number, signal: AbortSignal): Promise<CameraEvent[]> {
    subscription.wake?.();
    if (subscription.queue.length === 0 && !this.faults.noLongPoll && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, waitMs);
        function done(): void {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          subscription.wake = null;
          resolve();
        }
        subscription.wake = done;
        signal.addEventListener('abort', done);
      });
    }
    return subscription.queue.splice(0, limit);
  }

  #replay(subscription: Subscription, operation: 'Initialized' | 'Changed'): void {
    const events = (Object.keys(topics) as CameraSignal[]).flatMap((signal) =>
      topics[signal]
        .filter((topic) => topic.property)
        .map((topic) => this.#event(topic, this.state(signal), operation)),
    );
    this.#give(subscription, events);
  }

  #event(topic: Topic, active: boolean, operation: CameraEvent['operation']): CameraEvent {
    const value = topic.property ? String(active) : String(++this.#objects);
    return {
      topic: topic.topic,
      source: topic.source,
      data: [[topic.data, value]],
      operation,
      timeMs: this.#cameraMs(),
    };
  }

  #give(subscription: Subscription, events: CameraEvent[]): void {
    const wanted = events.filter((event) => subscription.wants(event.topic));
    if (wanted.length === 0) return;
    if (subscription.consumer !== null) {
      this.post(subscription.consumer, wanted);
      return;
    }
    subscription.queue.push(...wanted);
    subscription.queue.splice(0, Math.max(0, subscription.queue.length - maxQueued));
    subscription.wake?.();
  }

  #expire(): void {
    const now = this.#clock.monoMs();
    for (const [id, subscription] of this.#subscriptions) if (subscription.endsMs <= now) this.unsubscribe(id);
  }
}
