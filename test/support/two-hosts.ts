/** Two network namespaces joined by a cable, for what must come from another machine (multicast that is not looped back). */
import { spawnSync } from 'node:child_process';

export interface TwoHosts {
  /** Name and address of each. */
  a: { name: string; address: string };
  b: { name: string; address: string };
  remove(): void;
}

/** Needs what `whyNoNamespaces` asks for. `prefix`: at most 8 letters, unlike those of other tests. */
export function makeTwoHosts(prefix: string): TwoHosts {
  const id = `${prefix}${process.pid}`;
  const a = { name: `${id}a`, address: '10.55.0.2' };
  const b = { name: `${id}b`, address: '10.55.0.3' };
  const ip = (...args: string[]): void => {
    const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
  };
  const remove = (): void => {
    for (const { name } of [a, b]) spawnSync('ip', ['netns', 'del', name]);
  };
  try {
    ip('netns', 'add', a.name);
    ip('netns', 'add', b.name);
    ip('-n', a.name, 'link', 'add', 'cable', 'type', 'veth', 'peer', 'name', 'other');
    ip('-n', a.name, 'link', 'set', 'other', 'netns', b.name, 'name', 'cable');
    for (const { name, address } of [a, b]) {
      ip('-n', name, 'link', 'set', 'lo', 'up');
      ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', 'cable');
      ip('-n', name, 'link', 'set', 'cable', 'up');
      ip('-n', name, 'route', 'add', 'default', 'dev', 'cable');
    }
  } catch (error) {
    remove();
    throw error;
  }
  return { a, b, remove };
}
