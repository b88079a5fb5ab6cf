/** A cell with the code, the packages and the settings that a run of it needs. */
import type { ConnectionPolicy, Orm } from "../../orms/orm.ts";
import type { KeyScheme } from "../../strategies/keys/key.ts";
import type { RoundTrips } from "../../strategies/strategy.ts";
import { lookupUrl, type PackageSet } from "../packages/package-set.ts";
import type { CellModules } from "../protocol.ts";
import type { Cell } from "./cell.ts";

export interface PlannedCell {
  readonly cell: Cell;
  readonly modules: CellModules;
  /** by which a user named plug-ins of their own; null: an id was enough */
  readonly paths: { readonly strategy: string | null; readonly orm: string | null };
  /** the folder of the tree whose measuring process runs it */
  readonly treeUrl: string;
  /** the version of the library that was asked for; null: what is installed beside it */
  readonly packages: PackageSet | null;
  readonly orm: Orm;
  readonly key: KeyScheme;
  /** stops a sample after this long; null: runs to its end */
  readonly limitMs: number | null;
  /** null: the strategy doesn't say */
  readonly roundTrips: RoundTrips | null;
  /** why it can't be run; it is a row of the results all the same */
  readonly skipReason: string | null;
}

/** Of every pool in a matched comparison. */
const MATCHED_POOL_CONNECTIONS = 10;

export function connectionPolicy({ track, isolation }: Pick<Cell, "track" | "isolation">, orm: Orm): ConnectionPolicy {
  return track === "matched"
    ? { poolConnections: MATCHED_POOL_CONNECTIONS, isolation, statements: "text" }
    : { poolConnections: orm.defaultPoolConnections, isolation, statements: "library" };
}

/** Where a cell's library is looked up from. A user's own may have another version than this project. */
export const packagesUrlOf = ({ packages, modules }: Pick<PlannedCell, "packages" | "modules">): string =>
  packages === null ? modules.ormUrl : lookupUrl(packages);
