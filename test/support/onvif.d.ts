/** What the tests use of the npm package `onvif`, which comes without types. */
declare module 'onvif' {
  interface CamEvent {
    topic: { _: string };
    message: { message: { $: { PropertyOperation: string } } };
  }
  class Cam {
    constructor(options: object, ready: (error: Error | null) => void);
    profiles: { $: { token: string }; videoEncoderConfiguration: { resolution: { width: number } } }[];
    on(event: 'event', listener: (message: CamEvent) => void): void;
    removeAllListeners(event: 'event'): void;
  }
  const Discovery: {
    probe(options: object, done: (error: unknown, found: { xaddrs: { href: string }[] }[]) => void): void;
  };
}
