/**
 * The hub's log: JSON lines in `<data>/logs/hub.log`, rotated by size. Invariant: user information in addresses, keys and tokens
 * are taken out of every line, whoever wrote it. A log that can't be written never stops the hub.
 */
import { closeSync, existsSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import type { Logger } from './base/logger.ts';

const rotateBytes = 5_000_000;
const keptFiles = 5;

export function openLog(folder: string, level = process.env['PORCHLIGHT_LOG'] ?? 'info'): Logger {
  const file = new RotatingFile(folder);
  return pino(
    {
      level: level in pino.levels.values ? level : 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { error: (value: unknown) => (value instanceof Error ? pino.stdSerializers.err(value) : value) },
      redact: {
        paths: ['password', '*.password', 'token', '*.token', 'key', '*.key', 'cookie', 'authorization', 'secret'],
        censor: '***',
      },
    },
    { write: (line: string) => file.write(withoutSecrets(line)) },
  );
}

/** `user:password@` in an address, `key=` in a link, bearer tokens. */
export function withoutSecrets(line: string): string {
  return line
    .replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^\s"/]*@/gi, '$1***@')
    .replaceAll(/([?&](?:key|token|password|pwd|pass)=)[^&\s"]+/gi, '$1***')
    .replaceAll(/(Bearer +)[\w.~+/-]+/gi, '$1***');
}

class RotatingFile {
  readonly #path: string;
  #file: number | null = null;
  #bytes = 0;
  #lost = 0;

  constructor(folder: string) {
    this.#path = join(folder, 'hub.log');
  }

  write(line: string): void {
    try {
      this.#file ??= this.#open();
      if (this.#bytes > rotateBytes) this.#rotate();
      if (this.#lost > 0) {
        const lost = `{"level":40,"msg":"${this.#lost} lines before this one could not be written"}\n`;
        this.#bytes += writeSync(this.#file, lost);
        this.#lost = 0;
      }
      this.#bytes += writeSync(this.#file, line);
    } catch {
      // The disk is full or gone. There is no better place to say so than the next line that can be written.
      this.#lost++;
    }
  }

  #open(): number {
    const file = openSync(this.#path, 'a', 0o600);
    this.#bytes = fstatSync(file).size;
    return file;
  }

  #rotate(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    const name = (index: number): string => (index === 0 ? this.#path : `${this.#path.slice(0, -4)}.${index}.log`);
    rmSync(name(keptFiles), { force: true });
    for (let index = keptFiles - 1; index >= 0; index--)
      if (existsSync(name(index))) renameSync(name(index), name(index + 1));
    this.#file = this.#open();
  }
}
