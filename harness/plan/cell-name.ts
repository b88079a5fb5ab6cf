/** Parses the name of a cell as a run prints it: `chunked/prisma`, `chunked/prisma/uuidv7/chunk=100`. */
import { BenchError } from "../../lib/errors.ts";
import { ISOLATIONS } from "../../orms/orm.ts";
import { axisValue } from "./axes.ts";
import { DEFAULT_CHUNK_USERS, PARALLELS, SPLITS, TRACKS } from "./cell.ts";
import { parsePrefill } from "./prefill.ts";
import type { PlannedCell } from "./planned-cell.ts";
import { planCells } from "./cells.ts";
import { isPath } from "../registry.ts";
import type { CellGroup } from "../suites/suite.ts";

type Axes = Pick<
  CellGroup,
  | "keys"
  | "chunkUsers"
  | "workers"
  | "parallels"
  | "splits"
  | "isolations"
  | "tracks"
  | "durabilities"
  | "prefills"
  | "addedRttsMs"
>;

const bad = (part: string): BenchError =>
  new BenchError(
    "BAD_OPTION",
    `"${part}" is not part of a cell name`,
    "write the cell as bench run prints it: chunked/prisma/uuidv7/chunk=500",
  );

const wholeNumber = (text: string, part: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw bad(part);
  return value;
};

function axisOf(part: string): Partial<Axes> {
  const [name, given] = part.split("=", 2);
  if (name === undefined || name === "") throw bad(part);
  if (given === undefined) return { keys: [name] };
  const value = axisValue(name, given);
  const isolation = ISOLATIONS.find((known) => known === value);
  const track = TRACKS.find((known) => known === value);
  const parallel = PARALLELS.find((known) => known === value);
  const split = SPLITS.find((known) => known === value);
  if (name === "chunk") return { chunkUsers: [wholeNumber(value, part)] };
  if (name === "workers") return { workers: [wholeNumber(value, part)] };
  if (name === "parallel" && parallel !== undefined) return { parallels: [parallel] };
  if (name === "split" && split !== undefined) return { splits: [split] };
  if (name === "isolation" && isolation !== undefined) return { isolations: [isolation] };
  if (name === "durability" && value === "relaxed") return { durabilities: [value] };
  if (name === "prefill" && parsePrefill(value) !== null) return { prefills: [value] };
  if (name === "rtt" && /^\d+(\.\d+)?$/.test(value)) return { addedRttsMs: [Number(value)] };
  if (name === "track" && track !== undefined) return { tracks: [track] };
  throw bad(part);
}

/**
 * @param name a cell's id, in which key and other axes are optional; or the path of a user's strategy
 * @param orm id or path of the library, if the name has none
 * @throws BenchError BAD_OPTION, UNKNOWN_NAME, PLUGIN_INVALID
 */
export async function findCell(name: string, orm?: string): Promise<PlannedCell> {
  const [strategy = "", ormInName, ...rest] = isPath(name) ? [name] : name.split("/");
  const library = orm ?? ormInName;
  if (library === undefined)
    throw new BenchError(
      "BAD_OPTION",
      `the cell "${name}" has no library`,
      `add one, for example ${isPath(name) ? `${name} --orm mysql2` : `${name}/prisma`}`,
    );
  if (orm !== undefined && ormInName !== undefined)
    throw new BenchError("BAD_OPTION", `the cell "${name}" has a library, and --orm ${orm} sets another`, "pass one of them");
  const axes: Axes = Object.assign({ keys: ["identity"], chunkUsers: [DEFAULT_CHUNK_USERS] }, ...rest.map(axisOf));
  const [cell] = await planCells([{ ...axes, strategies: [strategy], orms: [library] }]);
  if (cell === undefined) throw bad(name);
  return cell;
}
