import type { ManagedProviderName } from "../selector.ts";
import { dockerProvider } from "./docker.ts";
import { embeddedProvider } from "./embedded.ts";
import { localProvider } from "./local.ts";
import type { Provider } from "./provider.ts";

/** The order in which `auto` tries providers. */
export const PROVIDERS: readonly Provider[] = [dockerProvider, localProvider, embeddedProvider];

export function providerNamed(name: ManagedProviderName): Provider {
  const provider = PROVIDERS.find((candidate) => candidate.name === name);
  if (provider === undefined) throw new Error(`unknown provider ${name}`);
  return provider;
}
