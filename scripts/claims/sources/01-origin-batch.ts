import type { CellChoice, ClaimSource } from "../claim.ts";

const ORM = "mikro-orm";
const initialOrm: CellChoice = { strategy: "naive", orm: ORM };
const initialMapper: CellChoice = { strategy: "naive", orm: "mysql2" };
const finalMapper: CellChoice = { strategy: "case-when", orm: "mysql2" };
const detour: CellChoice = { strategy: "preinsert-update", orm: ORM };
const finalOrm: CellChoice = { strategy: "unit-of-work", orm: ORM, key: "uuidv4", workers: 6 };

export const source: ClaimSource = {
  group: "origin",
  name: "No Redis, No Problem: the batch",
  url: "https://github.com/ichbinhyeok/memberShip",
  year: null,
  environment: "Java 17, JPA and MyBatis, MySQL 8; 30,000 users, 1,000,000 orders; durability unknown",
  claims: [
    {
      says: "Row by row, a SQL mapper is faster than a full ORM.",
      figure: { kind: "pair", worse: 81.48, better: 48.5, unit: "min" },
      measure: { kind: "cells", run: "origin", value: "time", worse: initialOrm, better: initialMapper },
    },
    {
      says: "The driver's batches make the SQL mapper 4.2 times faster.",
      figure: { kind: "factor", times: 4.2 },
      measure: {
        kind: "cells",
        run: "origin",
        value: "time",
        worse: initialMapper,
        better: { strategy: "driver-batch", orm: "mariadb" },
      },
      note: "The two sides use different drivers: mysql2 has no batch of this kind.",
    },
    {
      says: "Batches and CASE WHEN shorten the SQL mapper's batch from 48.5 to 2 minutes.",
      figure: { kind: "pair", worse: 48.5, better: 2, unit: "min" },
      measure: { kind: "cells", run: "origin", value: "time", worse: initialMapper, better: finalMapper },
    },
    {
      says: "Rows that are inserted beforehand and then updated avoid the slow inserts.",
      figure: { kind: "pair", worse: 57, better: 17, unit: "min" },
      measure: { kind: "cells", run: "origin", value: "time", worse: initialOrm, better: detour },
      note: "The source does not explain the step from 81 to 57 minutes, so the first side is its initial stage.",
    },
    {
      says: "IDENTITY keys prevent batches of inserts, and UUID keys allow them.",
      figure: { kind: "direction", quote: "JDBC batching does not work with IDENTITY" },
      measure: {
        kind: "cells",
        run: "origin",
        value: "statements",
        worse: { strategy: "unit-of-work", orm: ORM },
        better: { strategy: "unit-of-work", orm: ORM, key: "uuidv7" },
      },
      note: "It is true of Hibernate, the library behind JPA. MikroORM inserts many rows with IDENTITY keys by one statement.",
    },
    {
      says: "UUID keys, six threads, and flush and clear shorten the full ORM's batch from 17 to 1.3 minutes.",
      figure: { kind: "pair", worse: 17, better: 1.3, unit: "min" },
      measure: { kind: "cells", run: "origin", value: "time", worse: detour, better: finalOrm },
    },
    {
      says: "Six threads make the batch faster than one.",
      figure: { kind: "direction", quote: "6 threads" },
      measure: {
        kind: "cells",
        run: "origin",
        value: "time",
        worse: { strategy: "unit-of-work", orm: ORM, key: "uuidv7" },
        better: { strategy: "unit-of-work", orm: ORM, key: "uuidv7", workers: 6 },
      },
      note: "Six workers share two cores here.",
    },
    {
      says: "Random UUIDs are about 6 s faster than time-ordered ones under six threads.",
      figure: { kind: "pair", worse: 84, better: 78, unit: "s" },
      measure: {
        kind: "cells",
        run: "keys",
        value: "time",
        worse: { strategy: "chunked", orm: "mysql2", key: "uuidv7", workers: 6 },
        better: { strategy: "chunked", orm: "mysql2", key: "uuidv4", workers: 6 },
      },
      note: "The driver inserts here, with six threads. In large tables, random keys take several times as long: see findings.md.",
    },
    {
      says: "All steps together shorten the full ORM's batch by 98 %.",
      figure: { kind: "pair", worse: 81.48, better: 1.3, unit: "min" },
      measure: { kind: "cells", run: "origin", value: "time", worse: initialOrm, better: finalOrm },
    },
    {
      says: "After all steps the full ORM is faster than the SQL mapper.",
      figure: { kind: "pair", worse: 2, better: 1.3, unit: "min" },
      measure: { kind: "cells", run: "origin", value: "time", worse: finalMapper, better: finalOrm },
    },
  ],
};
