/** Compares the connection settings of a cell with what the server saw. A library may ignore a setting without an error. */
import type { ConnectionPolicy } from "../../orms/orm.ts";
import type { Costs } from "../results/costs-schema.ts";

export interface SeenConnections {
  /** isolation levels of the last transactions, as the server names them; empty: not shown */
  readonly isolations: readonly string[];
  readonly sessions: number;
  /** of the pools before the clock, as the measured process counted them; absent: not counted */
  readonly openConnections: number | undefined;
  /** the process's own answer, which a plug-in could change; absent: unknown */
  readonly hasLoadedDriver: boolean | undefined;
}

const ofServer = (isolation: string): string => isolation.replaceAll("-", " ").toUpperCase();

/**
 * @param workers one pool each
 * @returns warnings for the sample; empty when the server saw what the cell requires
 */
export function policyWarnings(
  driver: string,
  { poolConnections, isolation, statements }: ConnectionPolicy,
  workers: number,
  { isolations, sessions, openConnections, hasLoadedDriver }: SeenConnections,
  { executions }: Pick<Costs, "executions">,
): string[] {
  const pools = workers * poolConnections;
  // a further transaction, such as that of a connection test, may have another isolation
  const isIgnored = isolation !== null && isolations.length > 0 && !isolations.includes(ofServer(isolation));
  return [
    ...(hasLoadedDriver === false
      ? [`the ORM names the driver ${driver}, and the measured process loaded no CommonJS file of it`]
      : []),
    ...(openConnections !== undefined && openConnections < pools
      ? [`only ${openConnections} of ${pools} connections of the pool were open when the clock started`]
      : []),
    ...(sessions > pools
      ? [`the measured process had ${sessions} sessions when the clock started, and its pools have ${pools} connections`]
      : []),
    ...(isIgnored ? [`transactions ran in ${isolations.join(" and ")}, and the cell requires ${ofServer(isolation)}`] : []),
    ...(statements === "text" && (executions ?? 0) > 0
      ? [`the library executed ${executions} prepared statements, and the cell requires text statements`]
      : []),
  ];
}
