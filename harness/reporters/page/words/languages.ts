/** The languages of a report; apart from their texts, which only a report loads. */
export const LANGUAGES = ["en", "ko"] as const;
export type Language = (typeof LANGUAGES)[number];
