import { messageOf } from '@berth/shared/errors/berth-error';
import type { Log } from '@berth/shared/runtime/log';
import { beginAudit, endAudit } from '@berth/shared/store/audit';
import type { Database } from '@berth/shared/store/database';
import type { Request, Response } from 'express';
import { actorOf } from './audit.ts';
import type { Caller } from './caller.ts';
import { requestIdOf } from './problems.ts';

/** Writes down, before it is done, which button of the queues' pages somebody presses; and its end when it's answered. */
export async function tellQueues(
  db: Database,
  log: Log,
  { caller, request, response }: { caller: Caller; request: Request; response: Response },
): Promise<void> {
  const id = await beginAudit(db, {
    ...(await actorOf(db, caller)),
    action: 'changeQueues',
    target: `${request.method} ${request.path}`.slice(0, MOST_TEXT),
    after: null,
    requestId: requestIdOf(response),
    ipAddress: request.ip ?? null,
  });
  const end = () => {
    const status = response.writableFinished ? response.statusCode : 0;
    void endAudit(db, id, { status }).catch((error) =>
      log.error({ err: messageOf(error) }, 'the end of a change could not be written down'),
    );
  };
  response.once('close', end);
}

const MOST_TEXT = 300;
