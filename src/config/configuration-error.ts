/** The settings cannot be used. The message says what was seen and what to write instead. */
export class ConfigurationError extends Error {}
