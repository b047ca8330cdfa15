import type { Me } from '@berth/contract/identity';
import { useSuspenseQuery } from '@tanstack/react-query';
import { meQuery } from '../api/queries.ts';

/** Who is signed in, on the pages that only they reach. */
export function useMe(): Me {
  const { data } = useSuspenseQuery(meQuery);
  if (!data) throw new Error('nobody is signed in');
  return data;
}

/** Whether somebody's role allows what takes `scope`. */
export const may = (me: Me, scope: Me['may'][number]) =>
  me.impersonatedBy === null && (me.may.includes(scope) || me.may.includes('admin'));
