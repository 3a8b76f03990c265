/** Runs searches in this process, all at once: a list of `{address, timeoutMs, abortAfterMs?}` in, lines of JSON out. */
import { discover } from '#core/cameras/onvif/discovery.ts';
import { errorText } from '#core/base/errors.ts';

export interface SearchInput {
  address: string | null;
  timeoutMs: number;
  abortAfterMs?: number | undefined;
}

const searches = JSON.parse(process.argv[2] ?? '[]') as SearchInput[];
const say = (line: object): void => {
  console.log(JSON.stringify(line));
};

async function run(search: SearchInput, index: number): Promise<void> {
  const abort = new AbortController();
  if (search.abortAfterMs !== undefined) setTimeout(() => abort.abort(), search.abortAfterMs);
  const startedAt = performance.now();
  const afterMs = (): number => performance.now() - startedAt;
  try {
    const { problems } = await discover(search, (device) => say({ index, device, afterMs: afterMs() }), abort.signal);
    say({ index, problems, tookMs: afterMs() });
  } catch (error) {
    say({ index, refused: errorText(error) });
  }
}

await Promise.all(searches.map(run));
// A handle that was closed is gone after the next round of the event loop.
await new Promise((resolve) => setTimeout(resolve, 10));
say({ sockets: process.getActiveResourcesInfo().filter((name) => /UDP|TCPSocket/.test(name)).length });
