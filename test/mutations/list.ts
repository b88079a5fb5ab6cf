/**
 * Faults that the files of `npm test` must find. `npm run test:mutations` puts each into a copy of this tree. The suite from
 * before `npm run test:full` was split off (commit 4ba617c) found the same faults, by the files and texts under `before`.
 */
import { COMMANDS } from "./faults/commands.ts";
import { INTERRUPTIONS } from "./faults/interruptions.ts";
import { LIBRARIES } from "./faults/libraries.ts";
import { MEASURING } from "./faults/measuring.ts";
import { SERVICE } from "./faults/service.ts";
import type { Mutation } from "./mutation.ts";

export const MUTATIONS: readonly Mutation[] = [...MEASURING, ...INTERRUPTIONS, ...LIBRARIES, ...SERVICE, ...COMMANDS];
