/** The status of a cluster for the terminal. */
import { layOut, type Align } from "../text/layout.ts";
import type { ClusterStatus, InstanceStatus, MemberStatus } from "./status.ts";
import { seconds } from "../text/format.ts";

const COLUMNS: readonly (readonly [title: string, align: Align])[] = [
  ["instance", "left"],
  ["state", "left"],
  ["ready", "left"],
  ["pid", "right"],
  ["address", "left"],
  ["heartbeat", "right"],
  ["index", "right"],
  ["rounds", "right"],
  ["users", "right"],
  ["flags", "right"],
  ["in flight", "right"],
];

const number = (value: number | null | undefined): string =>
  value === null || value === undefined ? "-" : value.toLocaleString("en");
const age = (member: MemberStatus | null): string => (member === null ? "-" : seconds(member.heartbeatAgeMs));
const yesOrNo = (value: boolean | null): string => (value === null ? "-" : value ? "yes" : "no");
const work = (member: MemberStatus | null): string[] => [
  age(member),
  number(member?.index),
  number(member?.rounds),
  number(member?.usersDone),
];

const ofInstance = (instance: InstanceStatus): string[] => [
  String(instance.number),
  instance.state,
  yesOrNo(instance.ready),
  String(instance.pid),
  instance.address,
  ...work(instance.member),
  number(instance.flagsRaised),
  number(instance.requestsInFlight),
];

/** A member that this cluster did not start, or that its cluster has removed. */
const ofOther = (member: MemberStatus): string[] => [
  "-",
  "-",
  "-",
  "-",
  member.address.replace(/^http:\/\//, ""),
  ...work(member),
  "-",
  "-",
];

function batchLine({ batch }: ClusterStatus): string {
  if (batch === null) return "batch      none yet";
  const { id, targetDate, style, status, targets, done, undone } = batch;
  return `batch      ${id} of ${targetDate} (${style}): ${status}, ${number(done)} of ${number(targets)} users done, ${number(undone)} undone`;
}

export function statusText(status: ClusterStatus, colour: boolean): string {
  const rows = [...status.instances.map(ofInstance), ...status.otherMembers.map(ofOther)];
  const table = layOut(
    COLUMNS.map(([title]) => title),
    COLUMNS.map(([, align]) => align),
    rows.map((cells) => ({ cells, below: null })),
    colour,
  );
  return [
    `cluster    ${status.name} at ${status.url}`,
    batchLine(status),
    `inbox      ${number(status.inboxDepth)} writes wait`,
    "",
    table,
  ].join("\n");
}
