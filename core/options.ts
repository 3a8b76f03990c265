/** The command line of the hub. */
import { parseArgs } from 'node:util';
import { HubError } from './base/errors.ts';

export const usage = `Porchlight, a local-first camera recorder.

  npm start -- [options]

  --data DIR      where recordings and settings are kept (default: the standard place of this system)
  --port N        port of the interface (default 7480; 0 takes any free one)
  --host ADDR     address to listen on (default 127.0.0.1: this machine only)
  --no-open       do not open the browser
  --demo          add a demo camera with two days of recordings
  --version       print the version
  --help          print this
`;

export interface Options {
  show: 'help' | 'version' | null;
  data: string | null;
  port: number;
  host: string;
  open: boolean;
  demo: boolean;
}

/** Throws `bad_request` with one sentence for anything it does not know. */
export function parseOptions(args: readonly string[]): Options {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        data: { type: 'string' },
        port: { type: 'string' },
        host: { type: 'string' },
        'no-open': { type: 'boolean' },
        demo: { type: 'boolean' },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    throw new HubError('bad_request', explain(error), { cause: error });
  }
  const port = Number(values.port ?? '7480');
  if (!/^\d{1,5}$/.test(values.port ?? '7480') || port > 65_535)
    throw new HubError('bad_request', `--port must be a number from 0 to 65535, not "${values.port ?? ''}".`);
  if (values.data === '' || values.host === '')
    throw new HubError('bad_request', `--${values.data === '' ? 'data' : 'host'} needs a value. See --help.`);
  return {
    show: values.help ? 'help' : values.version ? 'version' : null,
    data: values.data ?? null,
    port,
    host: values.host ?? '127.0.0.1',
    open: !values['no-open'],
    demo: values.demo ?? false,
  };
}

/** Node's message is about parseArgs; a person wants to know which word was wrong. */
function explain(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const word = /'([^']+)'/.exec(text)?.[1] ?? 'that';
  const code = (error as { code?: string }).code;
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE')
    return `${word.split(' ', 1)[0] ?? word} was not given as it must be. See --help.`;
  return `There is no option "${word}". See --help for those there are.`;
}
