import type { ManagedProviderName } from "../selector.ts";
import { dockerProvider } from "./docker.ts";
import { embeddedProvider } from "./embedded.ts";
import { localProvider } from "./local.ts";
import type { Provider } from "./provider.ts";

/** In the order in which `auto` tries them. */
export const PROVIDERS: readonly Provider[] = [dockerProvider, localProvider, embeddedProvider];

export function providerNamed(name: ManagedProviderName): Provider {
  const provider = PROVIDERS.find((candidate) => candidate.name === name);
  if (provider === undefined) throw new Error(`no provider is called ${name}`);
  return provider;
}
