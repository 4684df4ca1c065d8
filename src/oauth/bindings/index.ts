import type { Binding } from './binding.ts';

/** The ways in which a token may be bound to a key; none is offered yet. */
export const bindings: readonly Binding[] = [];
