const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Resolves at the first signal to stop. */
export function waitForStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve());
  });
}

/**
 * Called once requests are answered: systemd, a terminal and npm signal every process of a group, and the first process
 * signals its workers too. A second signal would cut off what the first one lets finish (drain_seconds bounds that).
 */
export function ignoreFurtherSignals(): void {
  for (const signal of SIGNALS) process.on(signal, () => {});
}
