/**
 * Small networks of Linux namespaces: hosts on a switch, with multicast, seen by nobody outside. Needs root. Invariant: `stop`
 * ends every process that was started in them and removes them, whatever went wrong.
 */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export const whyNoNamespaces = reason();

function reason(): string | null {
  if (process.platform !== 'linux') return 'network namespaces exist on Linux only';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  if (spawnSync('ip', ['-V']).status !== 0) return 'ip (iproute2) is not here';
  const probe = `plt-${process.pid}-probe`;
  if (spawnSync('ip', ['netns', 'add', probe]).status !== 0) return 'network namespaces may not be made here';
  spawnSync('ip', ['netns', 'del', probe]);
  return null;
}

/** A cable: host, interface, switch. Addresses with their prefix length. */
export interface Cable {
  host: string;
  name: string;
  to: string;
  addresses: string[];
}

export class TestNetwork {
  readonly #prefix = `plt-${process.pid}-`;
  readonly #spaces = new Set<string>();
  readonly #children = new Set<ChildProcess>();
  #cables = 0;

  constructor(switches: readonly string[], cables: readonly Cable[]) {
    try {
      this.#space('sw');
      for (const name of switches)
        this.#ip('sw', `link add ${name} type bridge mcast_snooping 0`, `link set ${name} up`);
      for (const cable of cables) this.#plug(cable);
    } catch (error) {
      this.#remove();
      throw error;
    }
  }

  /** Runs `ip` in a host, one argument list per text. */
  ip(host: string, ...commands: string[]): void {
    this.#ip(host, ...commands);
  }

  /** A Node program in a host; each line it prints is handed on as JSON. */
  start(host: string, script: string, input: unknown, onLine: (line: unknown) => void): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', this.#prefix + host, process.execPath, script, JSON.stringify(input)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    createInterface(child.stdout).on('line', (line) => {
      onLine(JSON.parse(line));
    });
    return child;
  }

  async stop(): Promise<void> {
    await Promise.all(
      [...this.#children].map((child) => {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        return gone;
      }),
    );
    this.#remove();
  }

  #remove(): void {
    for (const space of this.#spaces) spawnSync('ip', ['netns', 'del', space]);
    this.#spaces.clear();
  }

  #plug({ host, name, to, addresses }: Cable): void {
    if (!this.#spaces.has(this.#prefix + host)) this.#space(host);
    const port = `p${this.#cables++}`;
    this.#ip(host, `link add ${name} type veth peer name ${port} netns ${this.#prefix}sw`);
    this.#ip('sw', `link set ${port} master ${to} up`);
    for (const address of addresses)
      this.#ip(host, `addr add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`);
    this.#ip(host, `link set ${name} up`);
  }

  #space(host: string): void {
    const space = this.#prefix + host;
    execFileSync('ip', ['netns', 'add', space]);
    this.#spaces.add(space);
    // No waiting for duplicate addresses; packets from anywhere are heard, as on a host without a filter.
    const settings = [
      'net.ipv6.conf.default.accept_dad=0',
      'net.ipv4.conf.all.rp_filter=0',
      'net.ipv4.conf.default.rp_filter=0',
    ];
    for (const setting of settings) {
      const [key = '', value = ''] = setting.split('=');
      execFileSync('ip', ['netns', 'exec', space, 'sh', '-c', `echo ${value} > /proc/sys/${key.replaceAll('.', '/')}`]);
    }
    this.#ip(host, 'link set lo up');
  }

  #ip(host: string, ...commands: string[]): void {
    for (const command of commands) execFileSync('ip', ['-n', this.#prefix + host, ...command.split(' ')]);
  }
}
