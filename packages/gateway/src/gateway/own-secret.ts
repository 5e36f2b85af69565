import type { Settings } from '../config/settings.ts';
import { derive } from '../core/derive.ts';

/** A secret for one purpose, so that none that leaves the process opens anything else. */
export function ownSecret({ secrets }: Pick<Settings, 'secrets'>, purpose: string): string {
  return derive(secrets[0] ?? '', `derived ${purpose}`).toString('base64url');
}
