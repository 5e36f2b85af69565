import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
export const cache = fileURLToPath(new URL('../.cache', import.meta.url));
export const results = fileURLToPath(new URL('../results', import.meta.url));

/** Where a program is, looking also where Debian keeps servers; undefined when it is not installed. */
export function find(program: string): string | undefined {
  const path = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/go/bin'];
  return path.map((folder) => `${folder}/${program}`).find(existsSync);
}

/** Finds a program, or installs the Debian packages that bring it when this is root on such a machine. */
export function findOrInstall(program: string, packages: readonly string[]): string | undefined {
  const found = find(program);
  if (found !== undefined) return found;
  aptInstall(packages);
  return find(program);
}

export function aptInstall(packages: readonly string[]): void {
  if (process.getuid?.() !== 0 || find('apt-get') === undefined) return;
  console.log(`  installing ${packages.join(' ')}`);
  // A freshly installed nginx or Apache would otherwise start listening on every interface.
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const install = () =>
      spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...packages], {
        env,
        stdio: 'ignore',
      }).status;
    if (install() !== 0) {
      spawnSync('apt-get', ['update'], { env, stdio: 'ignore' });
      install();
    }
  } finally {
    if (ours) rmSync(policy);
  }
}

/** Builds the load tool; the benchmark cannot do without it. */
export function buildLoad(): string {
  const go = findOrInstall('go', ['golang-go']);
  if (go === undefined)
    throw new Error('The benchmark needs Go 1.22 or newer (https://go.dev/dl) for its load tool.');
  const binary = `${cache}/load`;
  mkdirSync(cache, { recursive: true });
  execFileSync(go, ['build', '-o', binary, '.'], { cwd: `${root}/bench/load`, stdio: 'inherit' });
  return binary;
}

/** Builds oauth2-proxy at the version pinned in bench/oauth2-proxy/go.mod; the first time takes a minute. */
export function buildOauth2Proxy(): string | undefined {
  const binary = `${cache}/oauth2-proxy`;
  if (existsSync(binary)) return binary;
  const go = find('go');
  if (go === undefined) return undefined;
  console.log('  building oauth2-proxy');
  const main = 'github.com/oauth2-proxy/oauth2-proxy/v7';
  const built = spawnSync(go, ['build', '-mod=mod', '-o', binary, main], {
    cwd: `${root}/bench/oauth2-proxy`,
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 600_000,
  });
  return built.status === 0 ? binary : undefined;
}

/** First line of what a program says about its version. */
export function versionOf(program: string, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(program, [...args], { encoding: 'utf8' });
  return `${stdout}${stderr}`.split('\n')[0]?.trim() ?? '';
}
