import { ApiError } from '../api-error.ts';

const LEVELS = new Set<unknown>(['off', 'essentially_off', 'low', 'medium', 'high', 'under_attack']);
const SWITCHES = new Set([
  'bic',
  'email_obfuscation',
  'hotlink_protection',
  'opportunistic_encryption',
  'rocket_loader',
]);

/** Holds what a configuration rule sets against what can be set. @throws ApiError */
export function checkSettings(parameters: Record<string, unknown> | undefined): void {
  const settings = Object.entries(parameters ?? {});
  if (settings.length === 0) {
    throw invalid('action_parameters are required with the action set_config');
  }
  for (const [name, value] of settings) {
    const isGood = name === 'security_level' ? LEVELS.has(value) : SWITCHES.has(name) && typeof value === 'boolean';
    if (!isGood) throw invalid(`'${String(value)}' is not a valid value for ${name}`);
  }
}

const invalid = (message: string) => new ApiError(400, 20_120, message);
