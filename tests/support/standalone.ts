import { Writable } from 'node:stream';
import { makeLog } from '@berth/shared/runtime/log';
import { parseStandaloneConfig } from '@berth/standalone/config';
import { type StandaloneServices, startStandalone } from '@berth/standalone/start';
import { tellWhenFailing } from './log-tails.ts';

/** All services in this process, with what they logged. */
export interface TestServices extends StandaloneServices {
  logged: string[];
  stop(): Promise<void>;
}

export async function startServices(environment: Record<string, string>): Promise<TestServices> {
  const logged: string[] = [];
  tellWhenFailing('standalone', logged);
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged.push(chunk.toString());
      done();
    },
  });
  const config = parseStandaloneConfig(environment);
  const services = await startStandalone(config, makeLog('standalone', 'debug', destination));
  return {
    ...services,
    logged,
    async stop() {
      await Promise.all(services.running.map((one) => one.drain(10_000)));
      await services.close();
    },
  };
}
