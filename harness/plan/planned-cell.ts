/** A cell with the code, packages and settings for its run. */
import type { ConnectionPolicy, OrmDescription } from "../../orms/orm.ts";
import type { KeyScheme } from "../../strategies/keys/key.ts";
import type { RoundTrips, ServerNeeds } from "../../strategies/strategy.ts";
import { lookupUrl, type PackageSet } from "../packages/package-set.ts";
import type { CellModules } from "../protocol.ts";
import type { Cell } from "./cell.ts";

export interface PlannedCell {
  readonly cell: Cell;
  readonly modules: CellModules;
  /** paths of the user's plug-ins; null for an id */
  readonly paths: { readonly strategy: string | null; readonly orm: string | null };
  /** folder URL of the tree whose measuring process runs the cell */
  readonly treeUrl: string;
  /** packages of the requested version; null: the installed version */
  readonly packages: PackageSet | null;
  readonly orm: OrmDescription;
  readonly key: KeyScheme;
  /** null: the growing tables are empty before the sample */
  readonly prefill: { readonly times: number; readonly key: KeyScheme } | null;
  /** stops a sample after this time; null: no limit */
  readonly limitMs: number | null;
  /** samples at most, in the first rounds; null: one per round */
  readonly maxRounds: number | null;
  /** null for a strategy that declares no round trips */
  readonly roundTrips: RoundTrips | null;
  /** empty: every server can run it */
  readonly server: ServerNeeds;
  /** reason why the cell cannot run; the results still contain a row for it */
  readonly skipReason: string | null;
}

/** Pool size of every library on the matched track. */
const MATCHED_POOL_CONNECTIONS = 10;

export function connectionPolicy({ track, isolation }: Pick<Cell, "track" | "isolation">, orm: OrmDescription): ConnectionPolicy {
  return track === "matched"
    ? { poolConnections: MATCHED_POOL_CONNECTIONS, isolation, statements: "text" }
    : {
        poolConnections: orm.defaultPoolConnections,
        isolation,
        statements: "library",
        ...(track === "tuned" && { isTuned: true }),
      };
}

/** The module from which a cell's library resolves. A user's ORM can have another version than this project. */
export const packagesUrlOf = ({ packages, modules }: Pick<PlannedCell, "packages" | "modules">): string =>
  packages === null ? modules.ormUrl : lookupUrl(packages);
