/**
 * XML from a camera into a small tree, and back. Lenient in what cameras get wrong (BOM, wrong encoding declaration,
 * undeclared prefixes, bytes after the end), strict in what could hurt.
 * Invariants: no document type is accepted, so there are no entities beyond XML's own five; text, depth, elements and
 * attributes are bounded; anything that can't be read throws HubError `camera_bad_description`.
 */
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { HubError } from '#core/base/errors.ts';
import { namespaces } from './namespaces.ts';
import type { XmlElement } from './soap-port.ts';
import { escapeXml } from './tree.ts';

export const xmlBounds = {
  bytes: 512 * 1024,
  depth: 32,
  elements: 20_000,
  attributesPerElement: 64,
  attributeCharacters: 8 * 1024,
  /** Mistakes that are overlooked: each costs an Error of the reader's, and half a mebibyte holds many. */
  mistakes: 1_000,
} as const;

interface OpenElement {
  ns: string;
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
}

/** Errors of the reader that cost no meaning: many cameras make them, and none changes what the rest says. */
const harmless =
  /unbound namespace prefix|undefined entity|^disallowed character\.$|is disallowed in char data|duplicate attribute|unquoted attribute value|xml namespace|xmlns (prefix|namespace)|undefine prefix|must be bound|default namespace|XML declaration|version number|encoding value|standalone value|expected (the name|one of)|did not expect any more/;

/** Thrown through the reader when the root has ended: what cameras send after it is not looked at. */
const finished = new Error('finished');

/** The root element. `input` is the whole document as it came. */
export function parseXml(input: string | Uint8Array): XmlElement {
  const size = typeof input === 'string' ? input.length : input.byteLength;
  if (size > xmlBounds.bytes) throw unreadable(`it is larger than ${xmlBounds.bytes / 1024} KiB`);
  const text = typeof input === 'string' ? input : decodeXml(input);
  return new TreeBuilder().read(prepared(text));
}

class TreeBuilder {
  readonly #parser: SaxesParser<{ xmlns: true; position: false }>;
  readonly #open: OpenElement[] = [];
  #root: OpenElement | null = null;
  #elements = 0;
  #attributes = 0;
  #mistakes = 0;

  constructor() {
    const parser = new SaxesParser({
      xmlns: true,
      position: false,
      forceXMLVersion: true,
      defaultXMLVersion: '1.0',
      // A camera that forgot to declare a usual prefix means the usual thing.
      resolvePrefix: (prefix: string) => (Object.hasOwn(namespaces, prefix) ? namespaces[prefix] : undefined),
    });
    parser.on('doctype', () => {
      throw unreadable('it brings a document type of its own');
    });
    parser.on('opentagstart', () => {
      this.#elements++;
      this.#attributes = 0;
      if (this.#elements > xmlBounds.elements) throw unreadable(`it has more than ${xmlBounds.elements} elements`);
      if (this.#open.length >= xmlBounds.depth) throw unreadable(`it is nested deeper than ${xmlBounds.depth}`);
    });
    parser.on('attribute', (attribute) => {
      this.#attributes++;
      if (this.#attributes > xmlBounds.attributesPerElement) throw unreadable('an element has too many attributes');
      if (attribute.value.length > xmlBounds.attributeCharacters) throw unreadable('an attribute is too long');
    });
    parser.on('opentag', (tag) => {
      this.#opened(tag);
    });
    parser.on('closetag', () => {
      this.#closed();
    });
    parser.on('text', (piece) => {
      this.#text(piece);
    });
    parser.on('cdata', (piece) => {
      this.#text(piece);
    });
    parser.on('error', (error) => {
      this.#mistakes++;
      if (!harmless.test(error.message)) throw unreadable(error.message);
      if (this.#mistakes > xmlBounds.mistakes) throw unreadable('it is full of mistakes');
    });
    this.#parser = parser;
  }

  read(text: string): XmlElement {
    try {
      this.#parser.write(text).close();
    } catch (error) {
      if (error === finished && this.#root !== null) return this.#root;
      if (error instanceof HubError) throw error;
      throw unreadable('it is not well-formed', error);
    }
    throw unreadable('it ends in the middle');
  }

  #opened(tag: SaxesTagNS): void {
    const attributes = Object.fromEntries(
      Object.values(tag.attributes)
        .filter((attribute) => attribute.prefix !== 'xmlns' && attribute.name !== 'xmlns')
        .map((attribute) => [attribute.local, attribute.value]),
    );
    // The reader gives an unknown prefix as its own namespace; for us it has none.
    const ns = tag.prefix !== '' && tag.uri === tag.prefix ? '' : tag.uri;
    const element: OpenElement = { ns, name: tag.local, attributes, children: [], text: '' };
    const parent = this.#open.at(-1);
    if (parent) parent.children.push(element);
    else this.#root = element;
    this.#open.push(element);
  }

  #closed(): void {
    const element = this.#open.pop();
    if (element) element.text = element.text.trim();
    if (this.#open.length === 0) throw finished;
  }

  #text(piece: string): void {
    const element = this.#open.at(-1);
    if (element) element.text += piece;
  }
}

/** The tree as XML again, for handing a camera its own reference parameters back. Prefixes are not kept, namespaces are. */
export function writeXml(element: XmlElement, inherited = ''): string {
  const xmlns = element.ns === inherited ? '' : ` xmlns="${escapeXml(element.ns)}"`;
  const attributes = Object.entries(element.attributes).map(([name, value]) => ` ${name}="${escapeXml(value)}"`);
  const inside = escapeXml(element.text) + element.children.map((each) => writeXml(each, element.ns)).join('');
  return `<${element.name}${xmlns}${attributes.join('')}>${inside}</${element.name}>`;
}

/** Bytes to text: what the bytes show wins over what the declaration says, because declarations are copied and wrong. */
export function decodeXml(bytes: Uint8Array): string {
  const [a, b] = [bytes[0], bytes[1]];
  if ((a === 0xff && b === 0xfe) || (a === 0x3c && b === 0)) return new TextDecoder('utf-16le').decode(bytes);
  if ((a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c)) return new TextDecoder('utf-16be').decode(bytes);
  const text = new TextDecoder('utf-8').decode(bytes);
  if (!text.includes('\ufffd')) return text;
  const declared = /^[^>]{0,20}<\?xml[^>]{0,100}encoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(text)?.[1];
  return declared === undefined ? text : (decodeAs(declared, bytes) ?? text);
}

function decodeAs(label: string, bytes: Uint8Array): string | null {
  try {
    const decoder = new TextDecoder(label);
    return decoder.encoding.startsWith('utf-16') ? null : decoder.decode(bytes);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Without what cameras put before the first element or inside texts although XML has no such characters. */
function prepared(text: string): string {
  // eslint-disable-next-line no-control-regex -- exactly these are no XML
  const clean = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]+/g, ' ');
  const start = clean.search(/[^\s\ufeff]/);
  return start < 0 ? '' : clean.slice(start);
}

function unreadable(why: string, cause?: unknown): HubError {
  return new HubError('camera_bad_description', `The answer is no XML that Porchlight reads: ${why}.`, { cause });
}
