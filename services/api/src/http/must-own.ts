import { BerthError } from '@berth/shared/errors/berth-error';
import type { ErrorCode } from '@berth/shared/errors/catalogue';
import { ownsCustomer } from '@berth/shared/store/customers';
import type { Database } from '@berth/shared/store/database';
import { ownsOperation, ownsOrder, ownsSite } from '@berth/shared/store/owners';

type Owns = (db: Database, email: string, name: string) => Promise<boolean>;

/** By which parameter of a path a customer's own is told from others'. */
const owners: Readonly<Record<string, { owns: Owns; code: ErrorCode }>> = {
  key: { owns: ownsSite, code: 'site.not-found' },
  orderId: { owns: ownsOrder, code: 'order.not-found' },
  customer: { owns: ownsCustomer, code: 'customer.not-found' },
  id: { owns: ownsOperation, code: 'operation.not-found' },
};

/**
 * Lets a customer through to what is theirs. What is somebody else's isn't there for them, so that nobody learns what others have.
 * @throws BerthError as if it did not exist; Error when the path names nothing by which that can be told
 */
export async function mustOwn(db: Database, email: string, params: Readonly<Record<string, string>>): Promise<void> {
  const named = Object.entries(params);
  if (named.length === 0) throw new Error('this path names nothing that could be a customer’s own');
  for (const [parameter, name] of named) {
    const owner = owners[parameter];
    if (!owner) throw new Error(`nobody knows whose a ${parameter} is`);
    if (!(await owner.owns(db, email, name))) throw new BerthError(owner.code, `there is no ${name}`);
  }
}
