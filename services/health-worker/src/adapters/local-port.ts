import { connect } from 'node:net';
import { doneWithin } from '@berth/shared/runtime/within';

const TIMEOUT_MS = 3000;

/** Whether something takes connections at a port of this machine's 127.0.0.1. Nothing is sent there. */
export function takesConnection(port: number, signal: AbortSignal): Promise<boolean> {
  return doneWithin(
    signal,
    TIMEOUT_MS,
    (ends) =>
      new Promise<boolean>((resolve) => {
        const socket = connect({ port, host: '127.0.0.1', signal: ends });
        const end = (taken: boolean) => {
          socket.destroy();
          resolve(taken);
        };
        socket.once('connect', () => end(true));
        socket.once('error', () => end(false));
      }),
  );
}
