/** Orders version numbers: `7.9.1` before `7.10.0`, and previews before their release. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let index = 0; index < Math.max(left.numbers.length, right.numbers.length); index += 1) {
    const difference = (left.numbers[index] ?? 0) - (right.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.preview === right.preview) return 0;
  if (left.preview === null || right.preview === null) return left.preview === null ? 1 : -1;
  return left.preview.localeCompare(right.preview, "en", { numeric: true });
}

export const isPreview = (version: string): boolean => partsOf(version).preview !== null;

interface Parts {
  readonly numbers: readonly number[];
  readonly preview: string | null;
}

function partsOf(version: string): Parts {
  const [plain = ""] = version.split("+");
  const at = plain.indexOf("-");
  const release = at === -1 ? plain : plain.slice(0, at);
  return {
    numbers: release.split(".").map((part) => Number.parseInt(part, 10) || 0),
    preview: at === -1 ? null : plain.slice(at + 1),
  };
}
