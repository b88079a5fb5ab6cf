/** The arguments of a command as the user gave them, for a printed command that repeats them. */
import type { Command } from "commander";
import { withoutPassword } from "../database/index.ts";
import { quoted } from "../run/resume-command.ts";

/**
 * Each argument quoted for a shell, the password of a database URL left out.
 * @param without long names of options that the caller replaces: `--rounds`
 */
export function givenArguments(command: Command, without: readonly string[]): string[] {
  const root = command.parent ?? command;
  const tokens = Reflect.get(root, "rawArgs") as readonly string[];
  const given: string[] = [];
  const rest = tokens.slice(tokens.indexOf(command.name()) + 1).values();
  for (const token of rest) {
    const [name, inline] = token.startsWith("--") ? splitOnce(token) : [token];
    const option = [...command.options, ...root.options].find(({ long, short }) => long === name || short === name);
    if (option === undefined) {
      given.push(quoted(token));
      continue;
    }
    const takesValue = option.required || option.optional;
    const value = takesValue ? (inline ?? rest.next().value) : undefined;
    if (option.long !== undefined && without.includes(option.long)) continue;
    if (!command.options.includes(option)) continue;
    given.push(name, ...(value === undefined ? [] : [quoted(name === "--db" ? withoutPassword(value) : value)]));
  }
  return given;
}

function splitOnce(token: string): [string, string?] {
  const at = token.indexOf("=");
  return at < 0 ? [token] : [token.slice(0, at), token.slice(at + 1)];
}
