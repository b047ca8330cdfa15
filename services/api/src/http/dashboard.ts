import { NOTIFY_QUEUE } from '@berth/shared/contracts/jobs';
import { queueOf } from '@berth/shared/domain/aspects';
import { healthQueueOf } from '@berth/shared/domain/health';
import type { Queues } from '@berth/shared/runtime/queues';
import type { Database } from '@berth/shared/store/database';
import { listHosts } from '@berth/shared/store/read-hosts';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { RequestHandler } from 'express';

/** Bull Board over all queues; those of a host appear when the host has registered. */
export function makeDashboard({ db, queues }: { db: Database; queues: Queues | undefined }): RequestHandler {
  if (!queues)
    return (_request, response) => void response.type('text').send('BERTH_QUEUE is off: there are no queues\n');
  const shown = new Set<string>();
  const server = new ExpressAdapter();
  server.setBasePath('/admin/queues');
  const board = createBullBoard({
    queues: [],
    serverAdapter: server,
    options: {
      uiConfig: {
        boardTitle: 'Berth',
        favIcon: { default: 'static/images/logo.svg', alternative: 'static/favicon-32x32.png' },
      },
    },
  });
  const show = (name: string) => {
    if (shown.has(name)) return;
    shown.add(name);
    board.addQueue(new BullMQAdapter(queues.open(name)));
  };
  show(queueOf('zone'));
  show(queueOf('route'));
  show(NOTIFY_QUEUE);

  const router: RequestHandler = server.getRouter();
  return async (request, response, next) => {
    for (const { id } of await listHosts(db)) {
      show(queueOf('container', id));
      show(queueOf('connector', id));
      show(healthQueueOf(id));
    }
    router(request, response, next);
  };
}
