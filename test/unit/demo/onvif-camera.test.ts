/** The virtual camera's ONVIF side as its clients meet it: over HTTP, with a clip that needs no codec. */
import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ManualClock } from '#core/base/clock.ts';
import type { Clip } from '#core/demo/clip.ts';
import { startVirtualOnvifCamera } from '#core/demo/onvif/camera.ts';
import type { VirtualOnvifCamera, VirtualOnvifOptions } from '#core/demo/onvif/camera-contract.ts';
import { parseCameraOptions } from '#core/demo/onvif/camera-options.ts';
import { ControlServer } from '#core/demo/onvif/control.ts';
import { parseFault } from '#core/demo/onvif/faults.ts';
import { PtzHead } from '#core/demo/onvif/ptz-head.ts';
import { envelope, namespaces, xml } from '#core/demo/onvif/soap.ts';

const clip = (width: number, height: number): Clip => ({
  width,
  height,
  fps: 15,
  parameterSets: [Buffer.from([0x67, 0x42, 0, 0x1f]), Buffer.from([0x68, 1])],
  pictures: Array.from({ length: 30 }, (_, n) => ({ key: n % 15 === 0, data: Buffer.from([0, 0, 0, 2, 0x41, n]) })),
  aac: null,
  pcmu: null,
  sightings: [],
});

const secret = { username: 'user', password: 'p&ss <"word">' };
const running: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

async function camera(options: Partial<VirtualOnvifOptions> = {}): Promise<VirtualOnvifCamera> {
  const one = await startVirtualOnvifCamera({
    clips: [{ name: 'test', main: clip(1280, 720), sub: clip(640, 360) }],
    ...secret,
    ...options,
  });
  running.push(one);
  return one;
}

interface TokenOptions {
  password?: string;
  createdMs?: number;
  nonce?: Buffer;
}

function security({ password = secret.password, createdMs = Date.now(), nonce = randomBytes(16) }: TokenOptions = {}) {
  const created = new Date(createdMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const digest = createHash('sha1').update(nonce).update(created).update(password).digest('base64');
  const type = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest';
  return xml`<wsse:Security><wsse:UsernameToken><wsse:Username>${secret.username}</wsse:Username>
    <wsse:Password Type="${type}">${digest}</wsse:Password><wsse:Nonce>${nonce.toString('base64')}</wsse:Nonce>
    <wsu:Created>${created}</wsu:Created></wsse:UsernameToken></wsse:Security>`;
}

interface Answer {
  status: number;
  text: string;
  headers: Headers;
}

async function call(
  url: string,
  body: ReturnType<typeof xml>,
  options: { token?: TokenOptions | null; version?: '1.1' | '1.2'; timeoutMs?: number } = {},
): Promise<Answer> {
  const header = options.token === null ? undefined : security(options.token);
  const response = await fetch(url, {
    method: 'POST',
    body: envelope(options.version ?? '1.2', body, header),
    signal: AbortSignal.timeout(options.timeoutMs ?? 10_000),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

const at = (one: VirtualOnvifCamera, service: string): string => one.onvifUrl.replace('device_service', service);
const information = xml`<tds:GetDeviceInformation/>`;
const between = (text: string, tag: string): string | undefined =>
  new RegExp(`<${tag}[^>]*>([^<]*)</${tag}>`).exec(text)?.[1];

describe('who may call', () => {
  test('the time is told to everyone; what is behind the password is not, and the challenge offers Digest', async () => {
    const one = await camera();
    const time = await call(one.onvifUrl, xml`<tds:GetSystemDateAndTime/>`, { token: null });
    expect(time.status).toBe(200);
    expect(time.text).toContain('<tt:UTCDateTime><tt:Time><tt:Hour>');
    const refused = await call(one.onvifUrl, information, { token: null });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toMatch(/^Digest realm=.*qop="auth"/);
    expect(refused.text).toContain('ter:NotAuthorized');
    expect((await call(one.onvifUrl, information)).text).toContain('<tds:Manufacturer>Porchlight</tds:Manufacturer>');
  });

  test('a wrong password is refused with 400 and counted', async () => {
    const one = await camera();
    const refused = await call(one.onvifUrl, information, { token: { password: 'other' } });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('<s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value>');
    expect(one.figures().onvif).toMatchObject({ wrongPasswords: 1, wrongTimes: 0 });
  });

  test('F17: with a clock a year off, only what is signed with the camera’s own time is let in', async () => {
    const offsetMs = -365 * 86_400_000;
    const one = await camera({ faults: [{ kind: 'clock', offsetMs }] });
    const time = await call(one.onvifUrl, xml`<tds:GetSystemDateAndTime/>`, { token: null });
    expect(between(time.text, 'tt:Year')).toBe(String(new Date(Date.now() + offsetMs).getUTCFullYear()));
    expect((await call(one.onvifUrl, information)).status).toBe(400);
    expect(one.figures().onvif.wrongTimes).toBe(1);
    expect((await call(one.onvifUrl, information, { token: { createdMs: Date.now() + offsetMs } })).status).toBe(200);
  });

  test('F18: a nonce used twice is counted, and refused by a picky camera', async () => {
    const one = await camera();
    const nonce = randomBytes(16);
    await call(one.onvifUrl, information, { token: { nonce } });
    expect((await call(one.onvifUrl, information, { token: { nonce } })).status).toBe(200);
    expect(one.figures().onvif.replayed).toBe(1);
    await one.fault({ kind: 'picky' });
    expect((await call(one.onvifUrl, information, { token: { nonce } })).status).toBe(200);
    expect((await call(one.onvifUrl, information, { token: { nonce } })).status).toBe(400);
    expect((await call(one.onvifUrl, information, { token: { nonce: randomBytes(40) } })).status).toBe(400);
  });

  test('a refused password is refused on both ports until the fault ends', async () => {
    const one = await camera();
    await one.fault({ kind: 'refuse_password' });
    expect((await call(one.onvifUrl, information)).status).toBe(400);
    await one.fault({ kind: 'none' });
    expect((await call(one.onvifUrl, information)).status).toBe(200);
  });
});

describe('faults of SOAP', () => {
  test('what it does not know is ActionNotSupported with 500, at the wrong address too', async () => {
    const one = await camera();
    for (const [service, body] of [
      ['device_service', xml`<tds:GetNothing/>`],
      ['ptz_service', information],
      ['device_service', xml`<tptz:GetNodes/>`],
    ] as const) {
      const answer = await call(at(one, service), body);
      expect(answer.status).toBe(500);
      expect(answer.text).toContain(
        '<s:Value>s:Receiver</s:Value><s:Subcode><s:Value>ter:ActionNotSupported</s:Value>',
      );
    }
  });

  test('SOAP 1.1 is answered as SOAP 1.1', async () => {
    const one = await camera();
    const right = await call(one.onvifUrl, information, { version: '1.1' });
    expect(right.headers.get('content-type')).toContain('text/xml');
    expect(right.text).toContain('xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"');
    const fault = await call(one.onvifUrl, xml`<tds:GetNothing/>`, { version: '1.1' });
    expect(fault.status).toBe(500);
    expect(fault.text).toContain('<faultcode>s:Server</faultcode>');
  });

  test('no envelope, a document type or endless depth is refused and the camera goes on', async () => {
    const one = await camera();
    const bodies = [
      'hello',
      `<!DOCTYPE x [<!ENTITY a "b">]><s:Envelope xmlns:s="${namespaces.s}"><s:Body><x>&a;</x></s:Body></s:Envelope>`,
      `<s:Envelope xmlns:s="${namespaces.s}"><s:Body>${'<a>'.repeat(5_000)}`,
    ];
    for (const body of bodies) {
      const response = await fetch(one.onvifUrl, { method: 'POST', body });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain('ter:WellFormed');
    }
    expect((await call(one.onvifUrl, information)).status).toBe(200);
  });

  test('a service that is missing is neither told of nor answered', async () => {
    const one = await camera({ without: ['ptz', 'media2'] });
    const services = await call(
      one.onvifUrl,
      xml`<tds:GetServices><tds:IncludeCapability>true</tds:IncludeCapability></tds:GetServices>`,
    );
    expect(services.text).not.toContain('ver20/ptz/wsdl</tds:Namespace>');
    expect(services.text).toContain('/onvif/media_service');
    expect((await call(at(one, 'ptz_service'), xml`<tptz:GetNodes/>`)).status).toBe(500);
    expect((await call(at(one, 'media_service'), xml`<trt:GetProfiles/>`)).text).not.toContain('PTZConfiguration');
  });
});

describe('media', () => {
  test('both services name the same two profiles and streams', async () => {
    const one = await camera();
    const first = await call(at(one, 'media_service'), xml`<trt:GetProfiles/>`);
    expect([...first.text.matchAll(/<trt:Profiles token="(\w+)"/g)].map((match) => match[1])).toEqual(['main', 'sub']);
    const second = await call(
      at(one, 'media2_service'),
      xml`<tr2:GetProfiles><tr2:Type>All</tr2:Type></tr2:GetProfiles>`,
    );
    expect([...second.text.matchAll(/<tr2:Profiles token="(\w+)"/g)].map((match) => match[1])).toEqual(['main', 'sub']);
    const uri = await call(
      at(one, 'media2_service'),
      xml`<tr2:GetStreamUri><tr2:Protocol>RtspUnicast</tr2:Protocol><tr2:ProfileToken>sub</tr2:ProfileToken></tr2:GetStreamUri>`,
    );
    expect(between(uri.text, 'tr2:Uri')).toBe(`${one.rtspUrl}/sub`);
    const none = await call(
      at(one, 'media2_service'),
      xml`<tr2:GetSnapshotUri><tr2:ProfileToken>third</tr2:ProfileToken></tr2:GetSnapshotUri>`,
    );
    expect(none.text).toContain('ter:NoProfile');
  });

  test('an encoder keeps what it was set to and refuses what is not among its options', async () => {
    const one = await camera();
    const set = (kbps: number, gov: number) =>
      call(
        at(one, 'media2_service'),
        xml`<tr2:SetVideoEncoderConfiguration><tr2:Configuration token="encoder_main" GovLength="${gov}"><tt:Encoding>H264</tt:Encoding>
          <tt:Resolution><tt:Width>640</tt:Width><tt:Height>360</tt:Height></tt:Resolution><tt:RateControl><tt:FrameRateLimit>10</tt:FrameRateLimit>
          <tt:BitrateLimit>${kbps}</tt:BitrateLimit></tt:RateControl></tr2:Configuration></tr2:SetVideoEncoderConfiguration>`,
      );
    expect((await set(900, 20)).status).toBe(200);
    expect(one.figures().encoders[0]).toMatchObject({ width: 640, height: 360, fps: 10, kbps: 900, gov: 20 });
    const refused = await set(9_000_000, 30);
    expect(refused.text).toContain('ter:ConfigModify');
    expect(one.figures().encoders[0]).toMatchObject({ kbps: 900, gov: 20 });
  });

  test('addresses are of another host behind NAT, or paths alone, as told', async () => {
    const one = await camera();
    const streamUri = xml`<trt:GetStreamUri><trt:ProfileToken>main</trt:ProfileToken></trt:GetStreamUri>`;
    await one.fault({ kind: 'addresses', host: '192.168.7.9' });
    expect(between((await call(at(one, 'media_service'), streamUri)).text, 'tt:Uri')).toBe(
      `rtsp://192.168.7.9:${one.rtspPort}/main`,
    );
    await one.fault({ kind: 'addresses', relative: true });
    const services = await call(
      one.onvifUrl,
      xml`<tds:GetServices><tds:IncludeCapability>false</tds:IncludeCapability></tds:GetServices>`,
    );
    expect(between(services.text, 'tds:XAddr')).toBe('/onvif/device_service');
  });
});

describe('moving', () => {
  test('the head moves while time passes, stops at its limits and at its timeout', () => {
    const clock = new ManualClock();
    const head = new PtzHead(clock);
    head.go({ pan: 1, tilt: -0.5 }, 1_000);
    clock.advance(500);
    expect(head.position()).toEqual({ pan: 0.25, tilt: -0.125, zoom: 0 });
    expect(head.moving()).toEqual({ panTilt: true, zoom: false });
    clock.advance(10_000);
    expect(head.position().pan).toBe(0.5);
    expect(head.moving().panTilt).toBe(false);
    head.goTo({ pan: 7, zoom: 0.5 });
    clock.advance(10_000);
    expect(head.position()).toEqual({ pan: 1, tilt: -0.25, zoom: 0.5 });
  });

  test('a step in the picture is smaller the nearer it is zoomed', () => {
    const clock = new ManualClock();
    const head = new PtzHead(clock);
    const stepAt = (zoom: number): number => {
      head.goTo({ pan: 0, zoom });
      clock.advance(60_000);
      head.goInView(1, 0);
      clock.advance(60_000);
      return head.position().pan;
    };
    expect(stepAt(0)).toBeCloseTo(30 / 170, 4);
    expect(stepAt(1)).toBeCloseTo(3 / 170, 4);
  });

  test('moves, presets and home over SOAP', async () => {
    const clock = new ManualClock(Date.now());
    const one = await camera({ clock });
    const ask = (body: ReturnType<typeof xml>): Promise<Answer> =>
      call(at(one, 'ptz_service'), body, { token: { createdMs: clock.nowMs() } });
    const profile = xml`<tptz:ProfileToken>main</tptz:ProfileToken>`;
    await ask(
      xml`<tptz:AbsoluteMove>${profile}<tptz:Position><tt:PanTilt x="0.4" y="-0.2"/><tt:Zoom x="0.1"/></tptz:Position></tptz:AbsoluteMove>`,
    );
    clock.advance(9_000);
    const saved = await ask(xml`<tptz:SetPreset>${profile}<tptz:PresetName>Tree</tptz:PresetName></tptz:SetPreset>`);
    const token = between(saved.text, 'tptz:PresetToken') ?? '';
    await ask(xml`<tptz:GotoHomePosition>${profile}</tptz:GotoHomePosition>`);
    clock.advance(9_000);
    expect(one.figures().ptz.position).toEqual({ pan: 0, tilt: 0, zoom: 0 });
    await ask(xml`<tptz:GotoPreset>${profile}<tptz:PresetToken>${token}</tptz:PresetToken></tptz:GotoPreset>`);
    clock.advance(9_000);
    expect(one.figures().ptz).toMatchObject({ position: { pan: 0.4, tilt: -0.2, zoom: 0.1 }, moving: false, moves: 3 });
    const status = await ask(xml`<tptz:GetStatus>${profile}</tptz:GetStatus>`);
    expect(status.text).toContain('<tt:MoveStatus><tt:PanTilt>IDLE</tt:PanTilt>');
    const unknown = await ask(xml`<tptz:GotoPreset>${profile}<tptz:PresetToken>x</tptz:PresetToken></tptz:GotoPreset>`);
    expect(unknown.text).toContain('ter:NoToken');
    const beyond = await ask(
      xml`<tptz:ContinuousMove>${profile}<tptz:Velocity><tt:Zoom x="4"/></tptz:Velocity></tptz:ContinuousMove>`,
    );
    expect(beyond.status).toBe(400);
  });
});

describe('events', () => {
  const create = xml`<tev:CreatePullPointSubscription><tev:InitialTerminationTime>PT60S</tev:InitialTerminationTime></tev:CreatePullPointSubscription>`;
  const pull = (timeout: string): ReturnType<typeof xml> =>
    xml`<tev:PullMessages><tev:Timeout>${timeout}</tev:Timeout><tev:MessageLimit>50</tev:MessageLimit></tev:PullMessages>`;
  const subscribe = async (one: VirtualOnvifCamera): Promise<string> =>
    between((await call(at(one, 'event_service'), create)).text, 'wsa:Address') ?? '';
  const operations = (text: string): (string | undefined)[] =>
    [...text.matchAll(/PropertyOperation="(\w+)"/g)].map((match) => match[1]);

  test('a pull waits until something happens, then tells it; before that the state of everything', async () => {
    const one = await camera();
    const manager = await subscribe(one);
    const first = await call(manager, pull('PT5S'));
    expect(new Set(operations(first.text))).toEqual(new Set(['Initialized']));
    const waiting = call(manager, pull('PT10S'));
    const early = await Promise.race([
      waiting,
      new Promise((resolve) => setTimeout(() => resolve('still waiting'), 300)),
    ]);
    expect(early).toBe('still waiting');
    one.raise('motion', true);
    const told = await waiting;
    expect(operations(told.text)).toEqual(['Changed', 'Changed']);
    expect(told.text).toContain('<tt:SimpleItem Name="IsMotion" Value="true"/>');
    expect(told.text).toContain('tns1:RuleEngine/CellMotionDetector/Motion');
  });

  test('F22: without long poll it answers at once', async () => {
    const one = await camera({ faults: [{ kind: 'no_long_poll' }, { kind: 'replay', as: 'none' }] });
    const manager = await subscribe(one);
    const began = performance.now();
    const answer = await call(manager, pull('PT60S'));
    expect(operations(answer.text)).toEqual([]);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test('F20, F21: the off can be missing, and the state can be replayed as if it were fresh', async () => {
    const one = await camera({ faults: [{ kind: 'missing_off' }, { kind: 'replay', as: 'Changed' }] });
    one.raise('motion', true);
    const manager = await subscribe(one);
    const replayed = await call(manager, pull('PT1S'));
    expect(new Set(operations(replayed.text))).toEqual(new Set(['Changed']));
    expect(replayed.text).toContain('Name="IsMotion" Value="true"');
    one.raise('motion', false);
    one.raise('line_crossing', true);
    const told = await call(manager, pull('PT5S'));
    expect(told.text).not.toContain('IsMotion');
    expect(told.text).toContain('tns1:RuleEngine/LineDetector/Crossed');
  });

  test('F19: a subscription ends at its time unless it is renewed, and all can be forgotten', async () => {
    const clock = new ManualClock(Date.now());
    const one = await camera({ clock });
    const token = (): TokenOptions => ({ createdMs: clock.nowMs() });
    const created = await call(at(one, 'event_service'), create, { token: token() });
    const manager = between(created.text, 'wsa:Address') ?? '';
    clock.advance(50_000);
    const renew = xml`<wsnt:Renew><wsnt:TerminationTime>PT60S</wsnt:TerminationTime></wsnt:Renew>`;
    expect((await call(manager, renew, { token: token() })).status).toBe(200);
    clock.advance(50_000);
    expect(one.figures().onvif.subscriptions).toBe(1);
    clock.advance(20_000);
    const late = await call(manager, pull('PT1S'), { token: token() });
    expect(late.text).toContain('ResourceUnknownFault');
    expect(one.figures().onvif.subscriptions).toBe(0);
  });

  test('base notifications are posted to the consumer; reference parameters tell subscriptions apart', async () => {
    const one = await camera({
      faults: [{ kind: 'no_pull_point' }, { kind: 'reference_parameters' }, { kind: 'replay', as: 'none' }],
    });
    expect((await call(at(one, 'event_service'), create)).text).toContain('ter:ActionNotSupported');
    const posted = await new Promise<string>((resolve, reject) => {
      const server = http.createServer((request, response) => {
        let text = '';
        request.on('data', (part: Buffer) => (text += part.toString()));
        request.on('end', () => {
          response.end();
          resolve(text);
        });
      });
      running.push({ stop: () => new Promise((done) => server.close(done)) });
      server.listen(0, '127.0.0.1', () => {
        const consumer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`;
        call(
          at(one, 'event_service'),
          xml`<wsnt:Subscribe><wsnt:ConsumerReference><wsa:Address>${consumer}</wsa:Address></wsnt:ConsumerReference></wsnt:Subscribe>`,
        ).then((answer) => {
          expect(answer.text).toContain('<tev:SubscriptionId>');
          one.raise('tamper', true);
        }, reject);
      });
    });
    expect(posted).toContain('<wsnt:Notify>');
    expect(posted).toContain('Name="IsTamper" Value="true"');
  });
});

describe('answers that are wrong on purpose', () => {
  test('slow: a few bytes a second', async () => {
    const one = await camera({ faults: [{ kind: 'slow_soap', bytesPerSecond: 50 }] });
    await expect(call(one.onvifUrl, information, { timeoutMs: 700 })).rejects.toThrow(/timeout|aborted/);
  });

  test('big: as many bytes more as asked for, still well-formed', async () => {
    const one = await camera({ faults: [{ kind: 'big_xml', bytes: 1_000_000 }] });
    const answer = await call(one.onvifUrl, information);
    expect(answer.text.length).toBeGreaterThan(1_000_000);
    expect(answer.text.startsWith('<!--')).toBe(true);
    expect(Number(answer.headers.get('content-length'))).toBe(Buffer.byteLength(answer.text));
  });

  test('bad: cut off, too deep, with entities, a web page, nothing', async () => {
    const one = await camera();
    const answerOf = async (form: 'broken' | 'deep' | 'entities' | 'html' | 'empty'): Promise<string> => {
      await one.fault({ kind: 'bad_xml', form });
      return (await call(one.onvifUrl, information)).text;
    };
    expect(await answerOf('broken')).not.toContain('</s:Envelope>');
    expect((await answerOf('deep')).length).toBeGreaterThan(200_000);
    expect(await answerOf('entities')).toContain('<!ENTITY f SYSTEM');
    expect(await answerOf('html')).toContain('It works!');
    expect(await answerOf('empty')).toBe('');
    await one.fault({ kind: 'none' });
    expect((await call(one.onvifUrl, information)).text).toContain('Porchlight');
  });

  test('odd prefixes: the same answer in another maker’s words', async () => {
    const one = await camera({ faults: [{ kind: 'odd_prefixes' }] });
    const answer = await call(one.onvifUrl, xml`<tds:GetScopes/>`);
    expect(answer.text).toContain(`xmlns:ns7="${namespaces.tt}"`);
    expect(answer.text).toContain('<ns7:ScopeItem>');
    expect(answer.text).not.toContain('<tt:');
  });

  test('a reboot takes both ports away and brings them back', async () => {
    const one = await camera();
    const [before, rtspBefore] = [one.onvifUrl, one.rtspPort];
    await one.fault({ kind: 'reboot', ms: 400 });
    await expect(call(before, information)).rejects.toThrow('fetch failed');
    const deadline = performance.now() + 8_000;
    let back: Answer | null = null;
    while (!back && performance.now() < deadline) {
      back = await call(before, information).catch((error: unknown) => {
        expect(String(error)).toContain('fetch failed');
        return null;
      });
    }
    expect(back?.status).toBe(200);
    expect(one.rtspPort).toBe(rtspBefore);
  });
});

describe('control', () => {
  test('faults, events and figures over HTTP; nothing for web pages or under another name', async () => {
    const one = await camera();
    const control = new ControlServer([one]);
    running.push(control);
    const url = `http://127.0.0.1:${await control.start(0)}`;
    const fault = await fetch(`${url}/fault`, { method: 'POST', body: '{"kind":"clock","offsetMs":-60000}' });
    expect(fault.status).toBe(200);
    expect(one.figures().clockOffsetMs).toBe(-60_000);
    const wrong = await fetch(`${url}/fault`, { method: 'POST', body: '{"kind":"clock"}' });
    expect(wrong.status).toBe(400);
    expect(await wrong.text()).toContain('offsetMs');
    const page = await fetch(`${url}/figures`, { headers: { origin: 'http://evil.example' } });
    expect(page.status).toBe(403);
    const renamed = await new Promise<number | undefined>((resolve) => {
      http.get(`${url}/figures`, { headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
    });
    expect(renamed).toBe(403);
  });

  test('the command line says what is wrong with it', () => {
    expect(parseFault('clock:offsetMs=-3600000')).toEqual({ kind: 'clock', offsetMs: -3_600_000 });
    expect(parseFault('digest:algorithms=SHA-256+MD5')).toMatchObject({ algorithms: ['SHA-256', 'MD5'], qop: true });
    expect(parseFault('no_long_poll')).toEqual({ kind: 'no_long_poll', on: true });
    expect(parseFault('{"kind":"stall","ms":500}')).toEqual({ kind: 'stall', ms: 500 });
    expect(() => parseFault('moody')).toThrow(/not understood/);
    expect(() => parseCameraOptions(['--user', 'x'])).toThrow('--user and --password go together.');
    expect(() => parseCameraOptions(['--onvif-port', '99999'])).toThrow('--onvif-port is a number from 0 to 65535.');
    expect(() => parseCameraOptions(['--without', 'legs'])).toThrow('does not know the service legs');
    expect(parseCameraOptions(['--count', '3', '--fault', 'drop'])).toMatchObject({
      count: 3,
      onvifPort: 8081,
      rtspPort: 8555,
    });
  });
});
