/** The English texts of the table of key locality. A report in another language passes its own. */

export const KEY_WORDS = {
  head: [
    "cell",
    "earlier rows",
    "key",
    "time",
    "to the first key",
    "to the key above",
    "page splits",
    "bytes per row",
    "leaf fill",
    "pages read",
    "lookup",
    "pages per lookup",
    "range rows/s",
  ] as readonly string[],
  noRows: "none",
  unknownPool: "unknown",
  pool: (size: string) =>
    `Buffer pool of the server: ${size}. Page splits and pages read belong to the whole server during the sample.`,
  fill: "Bytes per row and leaf fill cover all rows of the two growing tables after the sample, with those of earlier runs. Leaf fill is that of the primary keys.",
  reads:
    "After the sample, bench looks up 2,000 new coupons by primary key, one statement each, and reads up to 20,000 new coupons in the order of the primary key. A lookup includes its round trip.",
};

export type KeyWords = typeof KEY_WORDS;
