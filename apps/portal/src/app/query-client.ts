import { QueryCache, QueryClient } from '@tanstack/react-query';
import { Refused } from '../api/ask.ts';

const RETRIES = 2;
const FRESH_MS = 2000;

/** What was read, for all pages. What is refused isn't asked again; who isn't signed in any more is told so by who they are. */
export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (query.queryKey[0] === 'me' || !(error instanceof Refused) || error.problem.status !== 401) return;
      queryClient.setQueryData(['me'], null);
      location.assign(`/sign-in?to=${encodeURIComponent(location.pathname)}`);
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      // Asked also when the browser believes that there is no network: it is wrong often enough, and answers tell.
      networkMode: 'always',
      retry: (count, error) => !(error instanceof Refused && error.problem.status < 500) && count < RETRIES,
    },
    mutations: { networkMode: 'always', retry: false },
  },
});
