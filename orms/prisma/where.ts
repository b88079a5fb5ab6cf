/** Filters of this project in Prisma's syntax. */

/** A key in Prisma's syntax: `{ id: 1 }`, or `{ userId_categoryId: { userId: 1, categoryId: 2 } }` */
export function unique(key: object): object {
  const properties = Object.keys(key);
  return properties.length === 1 ? key : { [properties.join("_")]: key };
}

/** `{ userId: [1, 2] }` -> `{ userId: { in: [1, 2] } }` */
export function where(filter: object): object {
  return Object.fromEntries(
    Object.entries(filter).map(([property, wanted]) => [property, Array.isArray(wanted) ? { in: wanted } : wanted]),
  );
}
