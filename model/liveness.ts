/** Searches the graph of all states for one from which no steps of the protocol lead to an end. */
import type { Numbers } from "./numbers.ts";

export interface Graph {
  readonly states: number;
  /** edge e goes by a step of the protocol from state `from[e]` to state `to[e]` */
  readonly from: Numbers;
  readonly to: Numbers;
  readonly ends: readonly number[];
  /** per state: 1 if no thread is in a transaction */
  readonly isQuiet: Numbers;
}

interface Edges {
  /** the neighbours of state s are `neighbours[starts[s]]` up to `neighbours[starts[s + 1]]`, exclusively */
  readonly starts: Int32Array;
  readonly neighbours: Int32Array;
}

function grouped(states: number, by: Numbers, other: Numbers): Edges {
  const starts = new Int32Array(states + 1);
  for (let edge = 0; edge < by.length; edge += 1) {
    const slot = by.at(edge) + 1;
    starts[slot] = (starts[slot] ?? 0) + 1;
  }
  for (let state = 0; state < states; state += 1) starts[state + 1] = (starts[state + 1] ?? 0) + (starts[state] ?? 0);
  const fill = starts.slice();
  const neighbours = new Int32Array(by.length);
  for (let edge = 0; edge < by.length; edge += 1) {
    const slot = fill[by.at(edge)] ?? 0;
    neighbours[slot] = other.at(edge);
    fill[by.at(edge)] = slot + 1;
  }
  return { starts, neighbours };
}

/** Marks all states that the edges lead to. */
function flood({ starts, neighbours }: Edges, roots: readonly number[], marks: Uint8Array): void {
  const open = [...roots];
  for (const root of roots) marks[root] = 1;
  for (let state = open.pop(); state !== undefined; state = open.pop())
    for (let edge = starts[state] ?? 0; edge < (starts[state + 1] ?? 0); edge += 1) {
      const next = neighbours[edge] ?? 0;
      if (marks[next] === 1) continue;
      marks[next] = 1;
      open.push(next);
    }
}

/**
 * A state without a way to an end; null: there is none. The steps after this state lead nowhere else than back to it, because
 * the first state from which a violation is certain explains little. Without an open transaction, if possible.
 */
export function stuckState({ states, from, to, ends, isQuiet }: Graph): number | null {
  const backward = grouped(states, to, from);
  const canEnd = new Uint8Array(states);
  flood(backward, ends, canEnd);
  if (!canEnd.includes(0)) return null;
  // The last state that no flood of the others reaches backwards is in a group of states that no step leaves.
  const seen = canEnd.slice();
  let root = 0;
  for (let state = states - 1; state >= 0; state -= 1) {
    if (seen[state] === 1) continue;
    root = state;
    flood(backward, [state], seen);
  }
  const group = new Uint8Array(states);
  flood(grouped(states, from, to), [root], group);
  const quiet = group.findIndex((isIn, state) => isIn === 1 && isQuiet.at(state) === 1);
  return quiet === -1 ? root : quiet;
}
