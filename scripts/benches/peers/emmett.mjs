// One client of emmett's PostgreSQL store: one event an append, each awaited, of the given bytes.
// It says "ready", is told "begins ends" in nanoseconds of the monotonic clock, and says how many.
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { getPostgreSQLEventStore } from "@event-driven-io/emmett-postgresql";

const [dsn, bytes, act] = process.argv.slice(2);
const store = getPostgreSQLEventStore(dsn, { schema: { autoMigration: "None" } });
if (act === "migrate") {
  await store.schema.migrate();
  await store.close();
  process.exit(0);
}
const stream = `household-${randomUUID()}`;
const event = { type: "voucher_booked.v1", data: { event: "x".repeat(Number(bytes) - 12) } };
let version = 0n;
const append = async () => {
  const expectedStreamVersion = version === 0n ? "STREAM_DOES_NOT_EXIST" : version;
  const done = await store.appendToStream(stream, [event], { expectedStreamVersion });
  version = done.nextExpectedStreamVersion;
};
for (let n = 0; n < 30; n++) await append();
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const [begins, ends] = line.split(" ").map(BigInt);
  const wait = Number((begins - process.hrtime.bigint()) / 1000000n);
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  let done = 0;
  for (;;) {
    await append();
    if (process.hrtime.bigint() >= ends) break;
    done += 1;
  }
  process.stdout.write(`${done}\n`);
  break;
}
await store.close();
process.exit(0);
