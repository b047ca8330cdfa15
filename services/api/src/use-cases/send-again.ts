import type { Delivery, DeliveryDetail } from '@berth/contract/delivery';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Database } from '@berth/shared/store/database';
import { findDelivery, sendDeliveryAgain } from '@berth/shared/store/read-deliveries';

/** One delivery, with what it tells. @throws BerthError `delivery.not-found` */
export async function getDelivery(db: Database, id: string): Promise<DeliveryDetail> {
  const delivery = await findDelivery(db, id);
  if (!delivery) throw new BerthError('delivery.not-found', `there is no delivery ${id}`);
  return delivery as DeliveryDetail;
}

/** Has a message sent again at once. @throws BerthError `delivery.not-found`, `webhook.disabled` */
export async function sendAgain(db: Database, id: string): Promise<Delivery> {
  await getDelivery(db, id);
  const isOn = await sendDeliveryAgain(db, id);
  if (!isOn) throw new BerthError('webhook.disabled', `the place that delivery ${id} went to takes nothing any more`);
  const { payload: _, ...delivery } = await getDelivery(db, id);
  return delivery;
}
