import type { Delivery } from '@berth/contract/delivery';
import type { Database } from '@berth/shared/store/database';
import { listWindows } from '@berth/shared/store/maintenance-windows';
import { listDeliveries } from '@berth/shared/store/read-deliveries';
import { beginMaintenance, endMaintenance } from '../use-cases/maintain.ts';
import type { ManageWebhooks } from '../use-cases/manage-webhooks.ts';
import { getDelivery, sendAgain } from '../use-cases/send-again.ts';
import { parseCursor, toCursor } from './cursor.ts';
import type { Handlers } from './handler-types.ts';
import { page } from './page.ts';

interface Deps {
  db: Database;
  manageWebhooks: ManageWebhooks;
}

type TellingRoute =
  | 'listWebhooks'
  | 'createWebhook'
  | 'changeWebhook'
  | 'rotateWebhookSecret'
  | 'deleteWebhook'
  | 'listMaintenanceWindows'
  | 'createMaintenanceWindow'
  | 'deleteMaintenanceWindow'
  | 'listDeliveries'
  | 'getDelivery'
  | 'sendAgain';

/** What the routes do by which others are told what happens. */
export function makeTellingHandlers({ db, manageWebhooks }: Deps): Pick<Handlers, TellingRoute> {
  return {
    listWebhooks: async () => ({ data: await manageWebhooks.list(), nextCursor: null }),
    createWebhook: ({ body }) => manageWebhooks.create(body),
    changeWebhook: ({ params, body }) => manageWebhooks.change(params.webhookId ?? '', body),
    rotateWebhookSecret: ({ params, body }) => manageWebhooks.rotate(params.webhookId ?? '', body.formerValidHours),
    deleteWebhook: ({ params }) => manageWebhooks.remove(params.webhookId ?? ''),
    listMaintenanceWindows: async ({ query }) => ({
      data: await listWindows(db, query.past === 'true'),
      nextCursor: null,
    }),
    createMaintenanceWindow: ({ body, caller }) => beginMaintenance(db, body, caller.id),
    deleteMaintenanceWindow: ({ params }) => endMaintenance(db, params.windowId ?? ''),
    async listDeliveries(call) {
      const { limit, cursor, ...filter } = call.query;
      const { deliveries, next } = await listDeliveries(db, filter, { after: parseCursor(cursor), limit });
      return page(call, deliveries as Delivery[], next ? toCursor(next) : null);
    },
    getDelivery: ({ params }) => getDelivery(db, params.deliveryId ?? ''),
    sendAgain: ({ params }) => sendAgain(db, params.deliveryId ?? ''),
  };
}
