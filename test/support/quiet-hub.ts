/** A hub with a real database and no workers: its routes can be asked through `inject`, nothing listens. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHub, type Hub } from '#core/app.ts';
import { silentLogger } from '#core/base/logger.ts';
import { openDataFolder, type DataFolder } from '#core/hub/data-folder.ts';
import { removeFolder } from './remove-folder.ts';

export interface QuietHub {
  hub: Hub;
  folder: DataFolder;
  /** Answers as JSON where there is JSON, else null. */
  ask(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    options?: { body?: unknown; headers?: Record<string, string>; signedIn?: boolean },
  ): Promise<{ status: number; headers: Record<string, unknown>; json: unknown; text: string }>;
  close(): Promise<void>;
}

export async function quietHub(): Promise<QuietHub> {
  const root = mkdtempSync(join(tmpdir(), 'porchlight-quiet-'));
  const folder = openDataFolder(root);
  const hub = createHub({ folder, host: '127.0.0.1', port: 80, version: '0.0.0-test', logger: silentLogger });
  await hub.server.prepare();
  return {
    hub,
    folder,
    async ask(method, url, { body, headers = {}, signedIn = true } = {}) {
      const answer = await hub.server.app.inject({
        method,
        url,
        headers: { host: 'localhost', ...(signedIn ? { authorization: `Bearer ${folder.token}` } : {}), ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      });
      const isJson = String(answer.headers['content-type']).startsWith('application/json');
      return {
        status: answer.statusCode,
        headers: answer.headers,
        json: isJson ? (JSON.parse(answer.body) as unknown) : null,
        text: answer.body,
      };
    },
    async close() {
      await hub.stop();
      removeFolder(root);
    },
  };
}
