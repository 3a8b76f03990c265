import { describe, expect, test } from 'vitest';
import { passwordDigest, securityHeader, createdText } from '../../../core/cameras/onvif/wsse.ts';
import { readBody } from '../../../core/cameras/onvif/envelope.ts';
import { faultError, readFault } from '../../../core/cameras/onvif/fault.ts';
import { readServices } from '../../../core/cameras/onvif/services.ts';
import { readSystemTime } from '../../../core/cameras/onvif/system-time.ts';
import { at, childrenOf, textAt } from '../../../core/cameras/onvif/tree.ts';
import { parseXml, writeXml, xmlBounds } from '../../../core/cameras/onvif/xml.ts';
import {
  capabilities,
  faults,
  gsoap,
  profiles1,
  services,
  styles,
  systemTime,
} from '../../support/onvif-corpus/device-answers.ts';

const bad: unknown = expect.objectContaining({ code: 'camera_bad_description' });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('what is read alike whoever wrote it', () => {
  test.each(styles)('$name', ({ wrap }) => {
    const ms = Date.UTC(2031, 1, 3, 4, 5, 6);
    const time = readBody(bytes(wrap(systemTime(ms))))!;
    expect(readSystemTime(time, ms - 500)).toEqual({ cameraMs: ms, offsetMs: 500, timeZone: 'CST-8', source: 'ntp' });
    const found = readServices(
      readBody(bytes(wrap(services('http://10.0.0.5', ['device', 'media', 'media2', 'events']))))!,
    );
    expect([...found.keys()]).toEqual(['device', 'media1', 'media2', 'events']);
    const profiles = readBody(bytes(wrap(profiles1([{ token: 'P 1', codec: 'H264', width: 1920, height: 1080 }]))))!;
    const profile = childrenOf(profiles, 'Profiles')[0]!;
    expect(profile.attributes['token']).toBe('P 1');
    expect(textAt(profile, 'VideoEncoderConfiguration', 'Resolution', 'Width')).toBe('1920');
    expect(textAt(readBody(bytes(wrap(capabilities('http://10.0.0.5')))), 'Capabilities', 'Media', 'XAddr')).toBe(
      'http://10.0.0.5/onvif/media',
    );
  });

  test.each(styles)('all faults in the style of $name', ({ wrap }) => {
    for (const { xml, means } of faults) {
      expect(readFault(readBody(bytes(wrap(xml)))!)?.kind, xml).toBe(means);
    }
  });

  test('text in UTF-16, in a code page, with a wrong declaration, with control characters', () => {
    const inside = (text: string): string | null => textAt(parseXml(text), 'b');
    expect(inside('<a><b> Tür\u0001 </b></a>')).toBe('Tür');
    const utf16 = Buffer.from('\ufeff<a><b>Tür</b></a>', 'utf16le');
    expect(textAt(parseXml(utf16), 'b')).toBe('Tür');
    const latin = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a><b>Tür</b></a>', 'latin1');
    expect(textAt(parseXml(latin), 'b')).toBe('Tür');
    const gbk = Buffer.concat([
      Buffer.from('<?xml version="1.0" encoding="GB2312"?><a><b>'),
      Buffer.from('c3c5', 'hex'),
      Buffer.from('</b></a>'),
    ]);
    expect(textAt(parseXml(gbk), 'b')).toBe('门');
    expect(textAt(parseXml(bytes('<?xml version="1.0" encoding="klingon"?><a><b>Tür</b></a>')), 'b')).toBe('Tür');
  });

  test('a tree that is written and read again is the same tree', () => {
    const root = parseXml(gsoap.wrap('<p:a xmlns:p="urn:p" t="&lt;&amp;&quot;"><b xmlns="">x &gt; y<c/></b></p:a>'));
    expect(parseXml(writeXml(root))).toEqual(root);
  });

  test('CDATA is text, entities beyond the five stay as they are', () => {
    expect(textAt(parseXml('<a><b><![CDATA[<x>&amp;]]>&amp;&#65;&nbsp;</b></a>'), 'b')).toBe('<x>&amp;&A&nbsp;');
  });
});

describe('what could hurt is refused', () => {
  test.each<[string, string]>([
    ['a document type', '<!DOCTYPE a><a/>'],
    ['an entity bomb', `<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>`],
    ['an external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ['too deep', '<a>'.repeat(xmlBounds.depth + 1)],
    ['too many elements', `<a>${'<b/>'.repeat(xmlBounds.elements)}</a>`],
    ['too many attributes', `<a ${Array.from({ length: 65 }, (_, i) => `a${i}="1"`).join(' ')}/>`],
    ['a long attribute', `<a b="${'x'.repeat(9000)}"/>`],
    ['too long', `<a>${'x'.repeat(xmlBounds.bytes)}</a>`],
    ['a CDATA section without end', '<a><![CDATA[x'],
    ['cut off', '<a><b>c</b>'],
    ['cut off in a tag', '<a><b'],
    ['crossed tags', '<a><b></a></b>'],
    ['nothing', ''],
    ['white space', ' \r\n '],
    ['a sentence', 'Unauthorized'],
    ['a web page', '<html><body><p>Login<br></body></html>'],
    ['JSON', '{"error":1}'],
    ['zeros', '\0\0\0\0'],
  ])('%s', (_, text) => {
    expect(() => parseXml(text)).toThrow(bad);
    expect(() => parseXml(bytes(text))).toThrow(bad);
  });

  test.each<[string, (most: number) => string]>([
    ['entities that nobody knows', (most) => `<a>${'&x;'.repeat(most / 3)}</a>`],
    ['prefixes that nobody knows', (most) => `<a>${'<x:y/>'.repeat(most / 6)}</a>`],
    ['ends without beginnings', (most) => `<a/>${'</a>'.repeat(most / 4)}`],
    ['beginnings without ends', (most) => `<a>${'<b'.repeat(most / 2)}`],
    ['white space', (most) => `<a>${' '.repeat(most)}`],
    ['white space outside', (most) => `${' '.repeat(most - 10)}x`],
    ['signs that are none in XML', (most) => `<a>${'\u0001'.repeat(most)}`],
    ['comments', (most) => `<a>${'<!---->'.repeat(most / 7)}`],
    ['instructions', (most) => `<a>${'<?a?>'.repeat(most / 5)}`],
    ['one long name', (most) => `<${'a'.repeat(most)}`],
    ['colons', (most) => `<a${':'.repeat(most)}`],
    ['ends of CDATA', (most) => `<a>${']]>'.repeat(most / 3)}</a>`],
  ])('half a mebibyte of %s takes little time', (_, make) => {
    const text = make(xmlBounds.bytes - 20);
    let bestMs = Infinity;
    for (let i = 0; i < 3; i++) {
      // Of the processor: a busy machine makes waiting long, not work.
      const start = process.cpuUsage();
      try {
        parseXml(text);
      } catch (error) {
        expect(error).toEqual(bad);
      }
      bestMs = Math.min(bestMs, process.cpuUsage(start).user / 1_000);
    }
    expect(bestMs).toBeLessThan(200);
  });

  test('what is just within the bounds is read', () => {
    expect(parseXml('<a>'.repeat(xmlBounds.depth) + '</a>'.repeat(xmlBounds.depth)).name).toBe('a');
    expect(parseXml(`<a>${'<b/>'.repeat(xmlBounds.elements - 1)}</a>`).children.length).toBe(xmlBounds.elements - 1);
  });

  test('names of the language are only names', () => {
    const element = parseXml('<a __proto__="x" constructor="y"><__proto__>z</__proto__></a>');
    expect(Object.getPrototypeOf(element.attributes)).toBe(Object.prototype);
    expect(textAt(element, '__proto__')).toBe('z');
    expect(at(element, 'constructor')).toBeNull();
  });

  test('what a fault says reaches a person cleaned and cut', () => {
    const reason = `\u202eevil\u0007${'x'.repeat(500)}`;
    const fault = readFault(parseXml(`<Fault><Reason><Text>${reason}</Text></Reason></Fault>`))!;
    const { message, code } = faultError("Camera 'Porch'", fault);
    expect(code).toBe('camera_error');
    expect(message.length).toBeLessThan(300);
    expect(message).not.toContain('\u202e');
    expect(message).not.toContain('\u0007');
  });
});

describe('times', () => {
  test.each([
    ['<a/>'],
    ['<a><UTCDateTime><Date><Year>2031</Year></Date></UTCDateTime></a>'],
    [
      '<a><UTCDateTime><Time><Hour>25</Hour><Minute>0</Minute><Second>0</Second></Time><Date><Year>2031</Year><Month>1</Month><Day>1</Day></Date></UTCDateTime></a>',
    ],
    [
      '<a><UTCDateTime><Time><Hour>NaN</Hour><Minute>0</Minute><Second>0</Second></Time><Date><Year>1e9</Year><Month>1</Month><Day>1</Day></Date></UTCDateTime></a>',
    ],
  ])('F17: a clock that says nothing usable moves nothing: %s', (xml) => {
    expect(readSystemTime(parseXml(xml), 1000)).toMatchObject({ cameraMs: null, offsetMs: 0 });
  });
});

describe('the token inside the message', () => {
  test('the example of the UsernameToken profile, computed apart', () => {
    // printf '\0\1…\17' | cat - <(printf '2026-01-02T03:04:05Zsecret') | openssl sha1 -binary | base64
    const nonce = Uint8Array.from({ length: 16 }, (_, i) => i);
    expect(passwordDigest(nonce, '2026-01-02T03:04:05Z', 'secret')).toBe('kFEsDyAWyMvuU4XN4w6Dym/sfO4=');
    const header = securityHeader('<us&er>', 'secret', Date.UTC(2026, 0, 2, 3, 4, 5, 999), nonce);
    expect(header).toContain('kFEsDyAWyMvuU4XN4w6Dym/sfO4=');
    expect(header).toContain('<wsu:Created>2026-01-02T03:04:05Z</wsu:Created>');
    expect(header).toContain('<wsse:Username>&lt;us&amp;er&gt;</wsse:Username>');
    expect(header).toContain('AAECAwQFBgcICQoLDA0ODw==');
    expect(header).not.toContain('secret');
  });

  test('F18: Created has no fraction, whatever the time', () => {
    for (const ms of [0, 999, 1_767_323_045_999, 1_767_323_045_000, -5, NaN, 1e20]) {
      expect(createdText(ms)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    }
  });
});
