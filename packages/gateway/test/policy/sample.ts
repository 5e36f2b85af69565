import type { App, Identity, Rule } from '../../src/core/types.ts';
import { isMalformed, parseAllowEntry } from '../../src/policy/allow.ts';
import { compilePolicy, type Policy } from '../../src/policy/decide.ts';

export function allowList(...entries: string[]) {
  return entries.map((text) => {
    const entry = parseAllowEntry(text);
    if (isMalformed(entry)) throw new Error(entry.message);
    return entry;
  });
}

export function restrict(path: string, ...entries: string[]): Rule {
  return { path, access: { public: false, allow: allowList(...entries) } };
}

export function open(path: string): Rule {
  return { path, access: { public: true } };
}

export function policy(spec: { at?: string; allow?: string[]; rules?: Rule[] } = {}): Policy {
  const app: App = {
    name: 'sales',
    title: 'Sales',
    at: spec.at ?? '/',
    allow: allowList(...(spec.allow ?? ['everyone'])),
    rules: spec.rules ?? [],
  };
  return compilePolicy(app);
}

export function person(spec: Partial<Identity> = {}): Identity {
  const defaults = {
    issuer: 'https://id.example.com',
    subject: '1',
    provider: 'corp',
    email: 'ada@example.com',
  };
  return { ...defaults, roles: [], groups: [], ...spec };
}
