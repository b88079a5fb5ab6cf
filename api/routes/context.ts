/** The parts of the application that a route uses. */
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { Batches } from "../cluster/batches.ts";
import type { Catalogue } from "../catalogue.ts";
import type { Database } from "../database/database.ts";
import type { Probes } from "../probes.ts";
import type { Writer } from "../writes/writer.ts";

export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface RouteContext {
  readonly database: Database;
  readonly catalogue: Catalogue;
  readonly writer: Writer;
  readonly batches: Batches;
  readonly probes: Probes;
  readonly adminToken: string;
  readonly isClosing: () => boolean;
}

/** A file in this folder exports a function of this type as `register`. */
export type RegisterRoutes = (app: Api, context: RouteContext) => void;
