import { connect } from 'node:net';
import { within } from '@berth/shared/runtime/within';

const TIMEOUT_MS = 3000;

/** Whether something takes connections at a port of this machine's 127.0.0.1. Nothing is sent there. */
export function takesConnection(port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      signal: within(signal, TIMEOUT_MS),
    });
    const end = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
