/**
 * A line of some speed before a server, as a home or a phone has one: all connections share it, and what belongs to the page
 * but not to its document, as workers, goes over it too. TCP's slow start is left out.
 */
import { connect, createServer } from "node:net";
import { listen } from "../../xtask/serve.mjs";

export async function slowLink(url, { megabitsPerSecond, roundTripMs }) {
  const { hostname, port } = new URL(url);
  const sockets = new Set();
  /** When the last byte so far is through. */
  let through = 0;

  const server = createServer(async (client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) sockets.add(socket.on("error", () => {}));
    await until(performance.now() + roundTripMs); // the handshake
    void pass(client, upstream, () => performance.now());
    void pass(upstream, client, (bytes) => {
      through = Math.max(through, performance.now()) + (bytes * 8) / (megabitsPerSecond * 1000);
      return through;
    });
  });

  /** `line` says when so many bytes are through. */
  async function pass(from, to, line) {
    let sent = Promise.resolve();
    try {
      for await (const data of from) {
        if (to.destroyed) return from.destroy();
        const at = line(data.length);
        await until(at);
        sent = sent.then(() => until(at + roundTripMs / 2)).then(() => to.write(data));
      }
      await sent;
    } catch {
      // Browsers hang up in mid-file.
    }
    to.end();
  }

  return {
    url: `http://localhost:${await listen(server)}/`,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function until(time) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));
}
