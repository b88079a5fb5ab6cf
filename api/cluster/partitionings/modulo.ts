import type { Partitioning } from "./partitioning.ts";

export const partitioning: Partitioning = {
  id: "modulo",
  summary: "userId % members: even partitions; a change of members moves most users",
  ownerOf: (userId, members) => userId % members.length,
};
