import type { Socket } from 'node:net';
import type { TunnelCredentials } from './tunnel-link.ts';

/*
 * How a connector of another process speaks to the simulated edge, over TCP and always dialled by the connector: the first line
 * of each connection says what it is for. One that registers stays open and is told, a line of JSON each, that it's registered and
 * which visits wait; a visit is fetched by a connection of its own, on which the edge is then the client of plain HTTP.
 */

/** The first line of a connection. */
export type Greeting =
  | { kind: 'register'; credentials: TunnelCredentials; connectorId: string; version: string; arch: string }
  | { kind: 'visit'; visit: string };

/** What the edge says on a connection that registered. */
export type EdgeLine =
  | { kind: 'registered'; id: string; coloName: string }
  | { kind: 'refused'; reason: string }
  | { kind: 'visit'; visit: string };

const LONGEST_LINE = 4096;

/** Writes one line. */
export function sendLine(socket: Socket, line: Greeting | EdgeLine): void {
  socket.write(`${JSON.stringify(line)}\n`);
}

/** The first line that comes; undefined when the connection ends before, or sends something else. Nothing may follow it yet. */
export function readFirstLine(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => {
    let text = '';
    const settle = (line: unknown) => {
      socket.off('data', take).off('close', end);
      resolve(line);
    };
    const end = () => settle(undefined);
    const take = (piece: Buffer) => {
      text += piece.toString('utf8');
      if (text.endsWith('\n')) settle(parse(text));
      else if (text.length > LONGEST_LINE) end();
    };
    socket.on('data', take).on('close', end);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
