/**
 * Process entry of the hub under plain Node. Prints one line when it runs; everything else goes to the log. An expected failure
 * is one sentence on standard error and its own exit code, never a stack.
 */
import { enableCompileCache } from 'node:module';
import { errorText, HubError, type ErrorCode } from './base/errors.ts';
import { parseOptions, usage, type Options } from './options.ts';

const exitCodes: Partial<Record<ErrorCode, number>> = {
  bad_request: 2,
  port_in_use: 3,
  data_folder_unwritable: 4,
  data_folder_in_use: 5,
  database_newer: 6,
  database_read_only: 7,
  database_corrupt: 8,
  disk_full: 9,
};

async function main(): Promise<void> {
  // What is written is the home's own: nobody else on this machine may read it.
  process.umask(0o077);
  enableCompileCache();
  const options = parseOptions(process.argv.slice(2));
  const { readVersion } = await import('./version.ts');
  if (options.show === 'help') {
    process.stdout.write(usage);
    return;
  }
  if (options.show === 'version') {
    process.stdout.write(`${readVersion()}\n`);
    return;
  }
  await run(options, readVersion());
}

async function run(options: Options, version: string): Promise<void> {
  const { openDataFolder, defaultDataFolder } = await import('./hub/data-folder.ts');
  const folder = openDataFolder(options.data ?? defaultDataFolder());
  const { openLog } = await import('./log.ts');
  const logger = openLog(folder.logs);
  // Who started us may go away and take the pipe along: that is no reason to stop recording.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error) => logger.debug({ error: errorText(error) }, 'nobody reads what is printed'));
  let hub;
  try {
    const { createHub } = await import('./app.ts');
    hub = createHub({
      folder,
      host: options.host,
      port: options.port,
      version,
      logger,
      demo: options.demo,
    });
    stopOnSignals(hub);
    const { url, openUrl } = await hub.start();
    logger.info({ version, url, data: folder.root, pid: process.pid }, 'hub started');
    process.stdout.write(`Porchlight is running at ${openUrl}\n`);
    if (options.open && hasDisplay()) await openBrowser(openUrl);
  } catch (error) {
    logger.error({ error }, 'the hub could not start');
    await hub?.stop();
    folder.lock.release();
    throw error;
  }
}

function stopOnSignals(hub: { stop(): Promise<void> }): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(130);
    stopping = true;
    hub.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', stop);
}

function hasDisplay(): boolean {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
}

async function openBrowser(url: string): Promise<void> {
  const { default: open } = await import('open');
  const child = await open(url);
  // No browser is no reason to stop recording: the line with the address is printed.
  child.on('error', () => undefined);
}

function fail(error: unknown): never {
  if (error instanceof HubError) {
    process.stderr.write(`${error.message}\n`);
    process.exit(exitCodes[error.code] ?? 1);
  }
  process.stderr.write(
    `Porchlight stopped because of a fault of its own: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
}

try {
  await main();
} catch (error) {
  fail(error);
}
