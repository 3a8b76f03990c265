/**
 * What the topics of the field mean in our words: makers agree on few of them and put the state under many names.
 * Pure. A topic that is not known gives nothing, never a guess. Prefixes do not count: they are the sender's own choice.
 */
import type { CameraSignal } from '#core/domain/onvif.ts';
import type { XmlElement } from './soap-port.ts';

/** A notification without its envelope: the simple items of tt:Source and tt:Key, and of tt:Data, as the camera wrote them. */
export interface TopicItems {
  source: readonly (readonly [name: string, value: string])[];
  data: readonly (readonly [name: string, value: string])[];
}

export interface TopicSignal {
  signal: CameraSignal;
  /** Which rule, line or input: the same for on and off of one thing. */
  key: string;
  /** For people: the rule's or input's name, else what kind of thing it is. At most 80 characters. */
  what: string;
  active: boolean;
  /** It has no off: a moment, not a state. */
  pulse: boolean;
}

interface Rule {
  /** Matched against the topic without prefixes, in lower case. */
  topic: RegExp;
  signal: CameraSignal;
  words: string;
  /** Has no off by its definition. */
  pulse?: true;
  /** The message may say what kind of object it was; then it is told as that. */
  classes?: true;
  /** Each item that is named here is a signal of its own (Tapo puts several into one topic). */
  items?: Readonly<Record<string, readonly [CameraSignal, string]>>;
}

/** Tapo and others of TP-Link: the name of the item says what was seen. */
const tapoItems: Rule['items'] = {
  ismotion: ['motion', 'Motion'],
  ispeople: ['person', 'Person'],
  isvehicle: ['vehicle', 'Vehicle'],
  ispet: ['animal', 'Pet'],
  islinecross: ['line_crossing', 'Line crossed'],
  istamper: ['tamper', 'Tampering'],
  isintrusion: ['motion', 'Intrusion'],
};

/** First match counts. */
const rules: readonly Rule[] = [
  // Inputs and tampering
  { topic: /^device\/trigger\/(digitalinput|alarmin)/, signal: 'input', words: 'Input' },
  { topic: /^device\/io\/(port|virtualinput|digitalinput)$/, signal: 'input', words: 'Input' },
  { topic: /^videosource\/globalscenechange/, signal: 'tamper', words: 'The view changed' },
  { topic: /^videosource\/imagetoodark/, signal: 'tamper', words: 'Picture too dark' },
  { topic: /^videosource\/imagetoobright/, signal: 'tamper', words: 'Picture too bright' },
  { topic: /^videosource\/imagetooblurry/, signal: 'tamper', words: 'Picture blurred' },
  {
    topic: /(^|\/)(tamper|tampering|tamperdetect|shelteralarm|videoblind|scenechange)$/,
    signal: 'tamper',
    words: 'Tampering',
  },
  { topic: /(^|\/)tamper(ing)?detect(or|ion)\//, signal: 'tamper', words: 'Tampering' },

  // Several things in one topic
  { topic: /tpsmartevent/, signal: 'motion', words: 'Smart event', items: tapoItems },
  {
    topic:
      /^ruleengine\/(cellmotiondetector|peopledetector|linecrossdetector|intrusiondetector|vehicledetector|petdetector)\/(people|vehicle|pet|linecross|lpcrossingline|intrusion)$/,
    signal: 'motion',
    words: 'Smart event',
    items: tapoItems,
  },

  // Lines
  { topic: /^ruleengine\/linedetector\/crossed/, signal: 'line_crossing', words: 'Line crossed', pulse: true },
  {
    topic: /(linecross|crossline|crossedline|tripwire|linecounting|lpcrossingline|crosslinedetect)/,
    signal: 'line_crossing',
    words: 'Line crossed',
    pulse: true,
  },

  // Kinds of things
  {
    topic: /(people|human|person|pedestrian|humanoid|humanshape)(detect|detection|detector|shapedetect)?(\/|$)/,
    signal: 'person',
    words: 'Person',
  },
  { topic: /(facedetect|facedetection|facedetector|recognition\/face|visitor)/, signal: 'person', words: 'Person' },
  {
    topic: /(vehicle|car|truck|licenseplate)(detect|detection|detector|recognition)?(\/|$)/,
    signal: 'vehicle',
    words: 'Vehicle',
  },
  { topic: /(dogcat|animal|pet|dog_cat)(detect|detection|detector)?(\/|$)/, signal: 'animal', words: 'Animal' },
  { topic: /^ruleengine\/objectdetection(\/|$)/, signal: 'motion', words: 'Object', classes: true },
  { topic: /cameraapplicationplatform\/objectanalytics\//, signal: 'motion', words: 'Object', classes: true },

  // Fields and motion
  {
    topic: /^ruleengine\/fielddetector\/objectsinside/,
    signal: 'motion',
    words: 'Something inside the field',
    classes: true,
  },
  {
    topic: /(intrusion|fielddetect|regionentrance|loitering|crossregion)/,
    signal: 'motion',
    words: 'Intrusion',
    classes: true,
  },
  { topic: /^videosource\/motionalarm/, signal: 'motion', words: 'Motion' },
  {
    topic: /cameraapplicationplatform\/(vmd|motionguard|fenceguard|loiteringguard)\//,
    signal: 'motion',
    words: 'Motion',
    classes: true,
  },
  { topic: /^ruleengine\/vmd\d*\//, signal: 'motion', words: 'Motion' },
  { topic: /^videoanalytics\/motiondetection/, signal: 'motion', words: 'Motion' },
  {
    topic:
      /(^|\/)(cellmotiondetector|motionregiondetector|motiondetector|motiondetection|motionalarm|smartmotion)(\/|$)/,
    signal: 'motion',
    words: 'Motion',
    classes: true,
  },
];

/** Topics that match by a word in them but are no signal: counters, health of the device, outputs. */
const notSignals =
  /(^monitoring\/|^recording|^device\/(hardwarefailure|operationmode|trigger\/relay)|counter|aggregation|^mediacontrol|^configuration)/;

const classSignals: readonly (readonly [RegExp, CameraSignal, string])[] = [
  [/human|person|people|pedestrian|face/i, 'person', 'Person'],
  [/vehicle|vehical|car\b|truck|bus\b|motorcycle|bicycle|bike/i, 'vehicle', 'Vehicle'],
  [/animal|dog|cat\b|pet\b/i, 'animal', 'Animal'],
];
const classItem = /^(classtypes?|objectclass(es)?|objecttype|class|targettype|type)$/i;
const stateItem =
  /^(state|ismotion|logicalstate|isinside|istamper|isinitialized|value|active|motion|inside|tampering|tamper|status|inputstate)$/i;
const ruleItem = /^(rule|rulename|scenario|scenarioname|areaname)$/i;
const inputItem = /^(inputtoken|input|port|token|index|relaytoken|alarminname)$/i;

/** The signals one notification carries: usually one, none for a topic that is not known. */
export function signalsOfMessage(topic: string, items: TopicItems): TopicSignal[] {
  const path = plainTopic(topic);
  const rule = ruleOf(path);
  if (!rule) return [];
  const key = keyOf(path, items);
  const what = nameOf(rule, items);
  if (rule.items) return severalSignals(rule, items, key, what);
  const classes = rule.classes ? items.data.filter(([name]) => classItem.test(name)) : [];
  const state = stateOf(items);
  if (classes.length > 0) {
    const text = classes.map(([, value]) => value).join(' ');
    // A list of classes alone is the state: what is on it is there.
    const on = state ?? true;
    const found = classSignals.filter(([pattern]) => pattern.test(text)).map(([, signal]) => signal);
    if (found.length > 0 || state === null || !on)
      return classSignals.map(([, signal, words]) => ({
        signal,
        key,
        what: what ?? words,
        active: on && found.includes(signal),
        pulse: false,
      }));
  }
  const pulse = rule.pulse === true || state === null;
  return [{ signal: rule.signal, key, what: what ?? rule.words, active: state ?? true, pulse }];
}

/** What a camera can tell, by the TopicSet of GetEventProperties. Each signal once, in the order of our list. */
export function signalsOfTopicSet(topicSet: XmlElement): CameraSignal[] {
  const found = new Set<CameraSignal>();
  const walk = (element: XmlElement, path: string, depth: number): void => {
    if (depth > 12) return;
    const rule = path === '' ? null : ruleOf(path.toLowerCase());
    const isTopic = Object.entries(element.attributes).some(([name, value]) => name === 'topic' && isTrue(value));
    if (rule && (isTopic || hasMessage(element))) {
      if (rule.items) for (const item of Object.keys(rule.items)) addItem(element, rule, item, found);
      else found.add(rule.signal);
      if (rule.classes && mentionsClasses(element)) for (const [, signal] of classSignals) found.add(signal);
    }
    for (const child of element.children)
      if (child.name !== 'MessageDescription')
        walk(child, path === '' ? child.name : `${path}/${child.name}`, depth + 1);
  };
  walk(topicSet, '', 0);
  return [...found].sort();
}

/** The topic without prefixes, in lower case: `tns1:RuleEngine/tnsaxis:VMD3` is `ruleengine/vmd3`. */
function plainTopic(topic: string): string {
  return topic
    .slice(0, 512)
    .split('/')
    .map((step) => step.slice(step.lastIndexOf(':') + 1).trim())
    .filter((step) => step !== '' && step !== '.')
    .join('/')
    .toLowerCase();
}

function ruleOf(path: string): Rule | null {
  if (notSignals.test(path)) return null;
  return rules.find((rule) => rule.topic.test(path)) ?? null;
}

function severalSignals(rule: Rule, items: TopicItems, key: string, what: string | null): TopicSignal[] {
  const signals: TopicSignal[] = [];
  for (const [name, value] of items.data) {
    const found = rule.items?.[name.toLowerCase()];
    const state = booleanOf(value);
    if (!found || state === null) continue;
    const [signal, words] = found;
    signals.push({ signal, key, what: what ?? words, active: state, pulse: signal === 'line_crossing' });
  }
  return signals;
}

/** Null: the message has no state, so it tells of a moment. */
function stateOf({ data }: TopicItems): boolean | null {
  const named = data.find(([name, value]) => stateItem.test(name) && booleanOf(value) !== null);
  const likely = named ?? data.find(([name, value]) => /^is[a-z]/i.test(name) && booleanOf(value) !== null);
  return likely ? booleanOf(likely[1]) : null;
}

function booleanOf(value: string): boolean | null {
  if (isTrue(value)) return true;
  return /^(false|0|off|inactive|no|low|closed)$/i.test(value.trim()) ? false : null;
}

function isTrue(value: string): boolean {
  return /^(true|1|on|active|yes|high|open)$/i.test(value.trim());
}

function keyOf(path: string, { source }: TopicItems): string {
  const parts = source.map(([name, value]) => `${name}=${value}`).sort();
  return [path, ...parts].join(' ').slice(0, 300);
}

function nameOf(rule: Rule, { source }: TopicItems): string | null {
  if (rule.signal === 'input') {
    const input = source.find(([name]) => inputItem.test(name)) ?? source[0];
    if (!input || input[1] === '') return null;
    const name = cleaned(input[1]);
    // Tokens are what most cameras tell: 1, input_1, AlarmIn1, DigitalInput-1.
    const number = /^(?:(?:alarm|digital)[ _-]?)?(?:in(?:put)?)?[ _-]?(\d+)$/i.exec(name)?.[1];
    return number === undefined ? name : `Input ${number}`;
  }
  const named = source.find(([name]) => ruleItem.test(name));
  const name = named ? cleaned(named[1]) : '';
  return name === '' ? null : name;
}

/** Names are the camera's: no control characters, not long. */
function cleaned(name: string): string {
  return name
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, 80);
}

function hasMessage(element: XmlElement): boolean {
  return element.children.some((child) => child.name === 'MessageDescription');
}

function dataNames(element: XmlElement): string[] {
  return element.children
    .filter((child) => child.name === 'MessageDescription')
    .flatMap((message) => message.children.filter((child) => child.name === 'Data'))
    .flatMap((data) => data.children.map((item) => item.attributes['Name'] ?? ''));
}

function addItem(element: XmlElement, rule: Rule, item: string, found: Set<CameraSignal>): void {
  const signal = rule.items?.[item]?.[0];
  if (signal && dataNames(element).some((name) => name.toLowerCase() === item)) found.add(signal);
}

function mentionsClasses(element: XmlElement): boolean {
  return dataNames(element).some((name) => classItem.test(name));
}
