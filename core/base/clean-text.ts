/** Text that a camera sent, fit for a sentence to a person: no control or direction signs, cut to `most` characters. */
export function clean(text: string, most = 60): string {
  // eslint-disable-next-line no-control-regex -- exactly these must not reach a person's screen
  const printable = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, ' ').trim();
  return printable.length > most ? `${printable.slice(0, most)}…` : printable;
}
