/** Every setting with its preset, for help and documents. */
import { settingsSchema } from './settings-schema.ts';

/** The name, description and default of each setting, for the docs and --help. */
export function describeSettings(): { name: string; variable: string; sentence: string; preset: string }[] {
  const defaults = settingsSchema.parse({}) as Record<string, unknown>;
  return Object.entries(settingsSchema.shape).map(([name, shape]) => ({
    name,
    variable: `GATEHOUSE_${name.toUpperCase()}`,
    sentence: shape.description ?? '',
    preset: presetText(defaults[name]),
  }));
}

function presetText(preset: unknown): string {
  if (preset === undefined) return '';
  if (typeof preset !== 'object' || preset === null) return String(preset);
  if ('host' in preset && 'port' in preset) return `${preset.host}:${preset.port}`;
  return '';
}
