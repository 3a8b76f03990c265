/** Words that devices say of themselves, fit for a person's screen. Pure. */

const mostCharacters = 64;

/** Without control, bidirectional and zero-width characters; spaces collapsed; at most 64 characters. */
export function cleanText(text: string): string {
  const plain = text
    .slice(0, 1_024)
    .toWellFormed()
    // eslint-disable-next-line no-control-regex -- exactly these must not reach a screen
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return plain.length > mostCharacters
    ? `${plain.slice(0, mostCharacters - 1).replace(/[\ud800-\udbff]$/, '')}…`
    : plain;
}

/** Few cameras name their maker in a scope of its own; many do so in their name or model. */
const makers: readonly [RegExp, string][] = [
  [/hikvision|\bDS-2(CD|DE|TD)/i, 'Hikvision'],
  [/dahua|\bDH-|\bIPC-HF?D?[BW]/i, 'Dahua'],
  [/amcrest/i, 'Amcrest'],
  [/reolink|\bRLC-/i, 'Reolink'],
  [/tp-?link|\btapo\b|\bTP-IPC\b|\bVIGI\b/i, 'TP-Link'],
  [/\baxis\b/i, 'Axis'],
  [/hanwha|wisenet|samsung/i, 'Hanwha'],
  [/\bbosch\b/i, 'Bosch'],
  [/uniview|\bUNV\b/i, 'Uniview'],
  [/vivotek/i, 'Vivotek'],
  [/foscam/i, 'Foscam'],
  [/\bezviz\b/i, 'EZVIZ'],
  [/\bimou\b/i, 'Imou'],
  [/lorex/i, 'Lorex'],
  [/annke/i, 'Annke'],
  [/mobotix/i, 'Mobotix'],
  [/geovision|\bGV-/i, 'GeoVision'],
  [/\btiandy\b/i, 'Tiandy'],
  [/\bd-?link\b|\bDCS-/i, 'D-Link'],
  [/panasonic|i-pro\b/i, 'i-PRO'],
  [/\bsony\b|\bSNC-/i, 'Sony'],
  [/avigilon/i, 'Avigilon'],
  [/pelco/i, 'Pelco'],
];

/** The maker that a name or model gives away, or null. */
export function makerNamedIn(text: string): string | null {
  return makers.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}
