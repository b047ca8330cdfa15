import type { MaintenanceRequest, MaintenanceWindow } from '@berth/contract/maintenance';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Database } from '@berth/shared/store/database';
import { cancelWindow, createWindow } from '@berth/shared/store/maintenance-windows';

/** Keeps quiet about a host, a site or all for a while. @throws BerthError `request.invalid` */
export async function beginMaintenance(db: Database, wish: MaintenanceRequest, by: string): Promise<MaintenanceWindow> {
  const { host = null, site = null, startsAt = null, endsAt, reason } = wish;
  const window = await createWindow(db, { host, site, startsAt, endsAt, reason, requestedBy: by });
  if (window) return window;
  const subject = host === null ? 'site' : 'host';
  const fields = [{ pointer: '#/endsAt', detail: 'must lie ahead, and after startsAt' }];
  if (host !== null || site !== null)
    fields.push({ pointer: `#/${subject}`, detail: `must be a ${subject} that is there` });
  throw new BerthError('request.invalid', 'one of these fields is not valid', { fields });
}

/** Ends a maintenance now. @throws BerthError `maintenance.not-found` */
export async function endMaintenance(db: Database, id: string): Promise<MaintenanceWindow> {
  const window = await cancelWindow(db, id);
  if (!window) throw new BerthError('maintenance.not-found', `no maintenance window ${id} lasts or is to come`);
  return window;
}
