import { describe, expect, it } from 'vitest';
import { grantedMs, noticesIn, timeOf, utcOf } from '#core/cameras/onvif/events-notices.ts';
import { SignalStates, type SignalChange } from '#core/cameras/onvif/events-states.ts';
import { signalsOfMessage, signalsOfTopicSet, type TopicSignal } from '#core/cameras/onvif/events-topics.ts';
import { parseXml } from '#core/cameras/onvif/xml.ts';
import { ManualTiming } from '../../support/manual-timing.ts';

type Items = Record<string, string>;
const read = (topic: string, data: Items, source: Items = {}): TopicSignal[] =>
  signalsOfMessage(topic, { source: Object.entries(source), data: Object.entries(data) });
const told = (signals: TopicSignal[]): string[] =>
  signals.map(({ signal, active, what }) => `${signal} ${active ? 'on' : 'off'}: ${what}`);

describe('topics of the field', () => {
  const rule = { VideoSourceConfigurationToken: '1', Rule: 'Drive' };
  it.each<[string, Items, Items, string[]]>([
    ['tns1:RuleEngine/CellMotionDetector/Motion', { IsMotion: 'true' }, rule, ['motion on: Drive']],
    ['tns1:RuleEngine/CellMotionDetector/Motion', { IsMotion: '0' }, {}, ['motion off: Motion']],
    ['tns1:VideoSource/MotionAlarm', { State: 'True' }, { Source: 'V1' }, ['motion on: Motion']],
    ['tns1:RuleEngine/MotionRegionDetector/Motion', { State: '1' }, {}, ['motion on: Motion']],
    ['tns1:RuleEngine/FieldDetector/ObjectsInside', { ObjectId: '7', IsInside: 'true' }, rule, ['motion on: Drive']],
    [
      'tns1:RuleEngine/FieldDetector/ObjectsInside',
      { IsInside: 'true', ClassTypes: 'Human' },
      {},
      ['person on: Person', 'vehicle off: Vehicle', 'animal off: Animal'],
    ],
    ['tns1:RuleEngine/LineDetector/Crossed', { ObjectId: '7' }, rule, ['line_crossing on: Drive']],
    ['tns1:Device/Trigger/DigitalInput', { LogicalState: 'true' }, { InputToken: '1' }, ['input on: Input 1']],
    ['tns1:Device/Trigger/DigitalInput', { LogicalState: 'true' }, { InputToken: 'input_1' }, ['input on: Input 1']],
    ['tns1:Device/Trigger/DigitalInput', { LogicalState: 'true' }, { InputToken: 'Door 1' }, ['input on: Door 1']],
    ['tns1:Device/Trigger/tnshik:AlarmIn', { State: 'true' }, { AlarmInToken: 'Door' }, ['input on: Door']],
    ['tns1:Device/tnsaxis:IO/Port', { state: '1' }, { port: '3' }, ['input on: Input 3']],
    ['tns1:Device/Trigger/Relay', { LogicalState: 'active' }, {}, []],
    ['tns1:VideoSource/GlobalSceneChange/ImagingService', { State: 'true' }, {}, ['tamper on: The view changed']],
    ['tns1:VideoSource/ImageTooDark/AnalyticsService', { State: 'false' }, {}, ['tamper off: Picture too dark']],
    ['tns1:RuleEngine/TamperDetector/Tamper', { IsTamper: 'true' }, {}, ['tamper on: Tampering']],
    ['tns1:RuleEngine/MyRuleDetector/PeopleDetect', { State: 'true' }, { Source: '000' }, ['person on: Person']],
    ['tns1:RuleEngine/MyRuleDetector/FaceDetect', { State: 'true' }, {}, ['person on: Person']],
    ['tns1:RuleEngine/MyRuleDetector/Visitor', { State: 'true' }, {}, ['person on: Person']],
    ['tns1:RuleEngine/MyRuleDetector/VehicleDetect', { State: 'false' }, {}, ['vehicle off: Vehicle']],
    ['tns1:RuleEngine/MyRuleDetector/DogCatDetect', { State: 'true' }, {}, ['animal on: Animal']],
    ['tns1:UserAlarm/IVA/HumanShapeDetect', { Value: 'true' }, {}, ['person on: Person']],
    ['tns1:RuleEngine/TPSmartEventDetector/TPSmartEvent', { IsPeople: 'true' }, {}, ['person on: Person']],
    [
      'tns1:RuleEngine/TPSmartEventDetector/TPSmartEvent',
      { IsVehicle: 'false', IsLineCross: 'true' },
      {},
      ['vehicle off: Vehicle', 'line_crossing on: Line crossed'],
    ],
    ['tns1:RuleEngine/PeopleDetector/People', { IsPeople: 'true' }, {}, ['person on: Person']],
    [
      'tns1:RuleEngine/ObjectDetection/Object',
      { ClassTypes: 'Vehicle Human' },
      {},
      ['person on: Person', 'vehicle on: Vehicle', 'animal off: Animal'],
    ],
    [
      'tnsaxis:CameraApplicationPlatform/ObjectAnalytics/Device1Scenario1',
      { active: '1', classTypes: 'vehicle' },
      {},
      ['person off: Person', 'vehicle on: Vehicle', 'animal off: Animal'],
    ],
    ['tnsaxis:CameraApplicationPlatform/VMD/Camera1ProfileANY', { active: '1' }, {}, ['motion on: Motion']],
    ['tns1:RuleEngine/tnsaxis:VMD3/vmd3_video_1', { active: '0' }, {}, ['motion off: Motion']],
    ['tns1:Monitoring/ProcessorUsage', { Value: '1' }, {}, []],
    ['tns1:RecordingConfig/JobState', { State: 'Active' }, {}, []],
    ['tns1:RuleEngine/CountAggregation/Counter', { Count: '4' }, {}, []],
    ['tns1:AudioAnalytics/Audio/DetectedSound', { IsSoundDetected: 'true' }, {}, []],
    ['', {}, {}, []],
  ])('%s %o', (topic, data, source, expected) => {
    expect(told(read(topic, data, source))).toEqual(expected);
  });

  it('are the same under any prefix, and a thing keeps its key from on to off', () => {
    const on = read('a:RuleEngine/b:CellMotionDetector/Motion', { IsMotion: 'true' }, { Rule: 'R', Token: '1' });
    const off = read('tns1:RuleEngine/CellMotionDetector/Motion', { IsMotion: 'false' }, { Token: '1', Rule: 'R' });
    expect(on[0]?.key).toBe(off[0]?.key);
    const other = read('tns1:RuleEngine/CellMotionDetector/Motion', { IsMotion: 'true' }, { Rule: 'S', Token: '1' });
    expect(other[0]?.key).not.toBe(on[0]?.key);
  });

  it('bring names without control characters, cut to 80', () => {
    const name = `\u202eDr\u0007ive${'x'.repeat(200)}`;
    const what = read('tns1:RuleEngine/LineDetector/Crossed', {}, { Rule: name })[0]?.what;
    expect(what).toBe(`Drive${'x'.repeat(75)}`);
  });

  it('of a topic set become the signals the camera can tell', () => {
    const item = (names: string): string =>
      `<tt:MessageDescription IsProperty="true"><tt:Source/><tt:Data>${names
        .split(' ')
        .map((name) => `<tt:SimpleItemDescription Name="${name}" Type="xs:boolean"/>`)
        .join('')}</tt:Data></tt:MessageDescription>`;
    const set = parseXml(`<wstop:TopicSet xmlns:wstop="http://docs.oasis-open.org/wsn/t-1" xmlns:x="urn:x"
      xmlns:tt="http://www.onvif.org/ver10/schema"><x:RuleEngine>
        <CellMotionDetector><Motion wstop:topic="true">${item('IsMotion')}</Motion></CellMotionDetector>
        <TPSmartEventDetector><TPSmartEvent wstop:topic="true">${item('IsPeople IsVehicle')}</TPSmartEvent></TPSmartEventDetector>
      </x:RuleEngine><Device><Trigger><Relay wstop:topic="true">${item('LogicalState')}</Relay>
        <DigitalInput wstop:topic="true">${item('LogicalState')}</DigitalInput></Trigger></Device>
      <Monitoring><Uptime wstop:topic="true"/></Monitoring></wstop:TopicSet>`);
    expect(signalsOfTopicSet(set)).toEqual(['input', 'motion', 'person', 'vehicle']);
  });
});

describe('notification messages', () => {
  const message = (inner: string): string =>
    `<wsnt:NotificationMessage><wsnt:Topic>t:VideoSource/MotionAlarm</wsnt:Topic>${inner}</wsnt:NotificationMessage>`;
  it('are read with and without the outer message, missing values and all', () => {
    const payload =
      '<tt:Message UtcTime="2026-06-01T10:00:00.5Z" PropertyOperation="Initialized"><tt:Data><tt:SimpleItem Name="State" Value="true"/><tt:SimpleItem/></tt:Data></tt:Message>';
    for (const inner of [`<wsnt:Message>${payload}</wsnt:Message>`, payload]) {
      const [notice] = noticesIn(parseXml(`<tev:PullMessagesResponse>${message(inner)}</tev:PullMessagesResponse>`));
      expect(notice).toEqual({
        topic: 't:VideoSource/MotionAlarm',
        items: {
          source: [],
          data: [
            ['State', 'true'],
            ['', ''],
          ],
        },
        operation: 'initialized',
        utcMs: Date.UTC(2026, 5, 1, 10, 0, 0, 500),
      });
    }
  });

  it('are read up to a hundred, and nothing is made of what is none', () => {
    const many = message('<tt:Message/>').repeat(150);
    expect(noticesIn(parseXml(`<r>${many}</r>`))).toHaveLength(100);
    expect(
      noticesIn(parseXml('<r><NotificationMessage/><NotificationMessage><Topic>a</Topic></NotificationMessage></r>')),
    ).toEqual([]);
  });

  it('happened when the camera says only if that is believable', () => {
    const now = Date.UTC(2026, 5, 1);
    const yearOff = 365 * 86_400_000;
    expect(timeOf(now + yearOff - 3_000, yearOff, now)).toBe(now - 3_000);
    expect(timeOf(now + 3_000, 0, now)).toBe(now);
    expect(timeOf(now - 3_600_000, 0, now)).toBe(now);
    expect(timeOf(null, 0, now)).toBe(now);
    expect(utcOf('2026-06-01T00:00:00')).toBe(now);
    expect(utcOf('2026-06-01T02:00:00+02:00')).toBe(now);
    expect(utcOf('yesterday')).toBeNull();
  });

  it("grant what is left on the camera's own clock, or nothing that makes sense", () => {
    const answer = (current: string, end: string): number | null =>
      grantedMs(parseXml(`<r><CurrentTime>${current}</CurrentTime><TerminationTime>${end}</TerminationTime></r>`));
    expect(answer('1970-01-01T00:00:10Z', '1970-01-01T00:01:10Z')).toBe(60_000);
    expect(answer('2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')).toBeNull();
    expect(answer('2026-01-01T00:00:00Z', '')).toBeNull();
  });
});

describe('what is news', () => {
  const motion = (active: boolean): TopicSignal => ({
    signal: 'motion',
    key: 'k',
    what: 'Motion',
    active,
    pulse: false,
  });
  function states(): {
    timing: ManualTiming;
    states: SignalStates;
    told: string[];
    pass: (ms: number) => Promise<void>;
  } {
    const timing = new ManualTiming();
    const told: string[] = [];
    const note = ({ signal, active }: SignalChange): number => told.push(`${signal} ${active ? 'on' : 'off'}`);
    return {
      timing,
      states: new SignalStates(timing, note),
      told,
      pass: (ms) => timing.pass(ms, () => Promise.resolve()),
    };
  }

  it('F20: motion without an off ends a minute after it was said last', async () => {
    const { states: all, told: heard, pass } = states();
    all.heard(motion(true), false, 0);
    await pass(50_000);
    all.heard(motion(true), false, 0);
    await pass(59_000);
    expect(heard).toEqual(['motion on']);
    await pass(1_500);
    expect(heard).toEqual(['motion on', 'motion off']);
    all.heard(motion(true), false, 0);
    expect(heard).toEqual(['motion on', 'motion off', 'motion on']);
  });

  it('F20: a camera that only ever says start makes an event each time', async () => {
    const { states: all, told: heard, pass } = states();
    for (let round = 0; round < 3; round++) {
      all.heard(motion(true), false, 0);
      await pass(120_000);
    }
    expect(heard).toEqual(Array.from({ length: 3 }, () => ['motion on', 'motion off']).flat());
  });

  it('a crossed line is a moment, and each crossing is told', async () => {
    const { states: all, told: heard, pass } = states();
    const line: TopicSignal = { signal: 'line_crossing', key: 'k', what: 'Line', active: true, pulse: true };
    all.heard(line, true, 0);
    expect(heard).toEqual([]);
    all.heard(line, false, 0);
    await pass(2_100);
    all.heard(line, false, 0);
    await pass(2_100);
    expect(heard).toEqual(['line_crossing on', 'line_crossing off', 'line_crossing on', 'line_crossing off']);
  });

  it('F21: a state that was there when we came is no news, its end neither, its return is', () => {
    const { states: all, told: heard } = states();
    all.heard(motion(true), true, 0);
    all.heard(motion(true), false, 0);
    all.heard(motion(false), false, 0);
    expect(heard).toEqual([]);
    all.heard(motion(true), false, 0);
    expect(heard).toEqual(['motion on']);
  });

  it('F21: after a rebuilt subscription only what changed meanwhile is told', async () => {
    const { states: all, told: heard, pass } = states();
    all.heard(motion(false), true, 0);
    all.heard(motion(true), true, 0);
    expect(heard).toEqual(['motion on']);
    all.heard(motion(true), true, 0);
    await pass(61_000);
    expect(heard).toEqual(['motion on', 'motion off']);
    // It never said off: that it is still on is no second motion.
    all.heard(motion(true), true, 0);
    expect(heard).toEqual(['motion on', 'motion off']);
    all.heard(motion(false), true, 0);
    all.heard(motion(true), true, 0);
    expect(heard.at(-1)).toBe('motion on');
  });

  it('a camera that invents things fills nothing: 256 are remembered, those that are on stay', () => {
    const { states: all, told: heard } = states();
    all.heard(motion(true), false, 0);
    for (let n = 0; n < 5_000; n++) {
      all.heard({ ...motion(true), key: String(n) }, true, 0);
      all.heard({ ...motion(false), key: String(n) }, false, 0);
    }
    expect(heard).toEqual(['motion on']);
    for (let n = 0; n < 400; n++) all.heard({ ...motion(true), key: `on ${n}` }, false, 0);
    expect(heard).toHaveLength(256);
    expect(all.dropped).toBe(145);
  });
});
