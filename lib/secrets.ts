/**
 * Passwords and tokens of the environment. `bench` moves them out of the environment before anything else runs: a plug-in, and every
 * program that a library starts, reads the environment of its process.
 */
import names from "./secret-names.json" with { type: "json" };

const taken = new Map<string, string>();

/** Moves the secrets from the environment of this process into this module. */
export function takeSecrets(): void {
  for (const name of names) {
    const value = process.env[name];
    if (value !== undefined) taken.set(name, value);
    delete process.env[name];
  }
}

/** @returns undefined for a variable that is not set */
export const secretOf = (name: string): string | undefined => taken.get(name) ?? process.env[name];

/** For the environment of another process: removes each secret. */
export const WITHOUT_SECRETS: Readonly<Record<string, undefined>> = Object.fromEntries(names.map((name) => [name, undefined]));
