import type { Role } from '@berth/contract/roles';
import { ask } from '../api/ask.ts';

/** Ends the session here, and forgets all that was read in it, by loading the page anew. */
export async function signOut(role: Role): Promise<void> {
  await ask('delete', '/v1/session', {}).catch(() => undefined);
  location.assign(role === 'customer' ? '/sign-in' : '/operators');
}
