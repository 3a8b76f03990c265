/** Marking events as reviewed: shown at once, put back if the hub refuses. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from './api.ts';
import { markReviewed } from './cache.ts';
import { keys } from './queries.ts';

interface Marking {
  ids: string[];
  reviewed: boolean;
}

/** The hub takes this many at once. */
const idsPerCall = 500;

export function useMarkReviewed() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ ids, reviewed }: Marking) => {
      for (let start = 0; start < ids.length; start += idsPerCall) {
        await api.call('reviewEvents', { body: { ids: ids.slice(start, start + idsPerCall), reviewed } });
      }
    },
    onMutate: ({ ids, reviewed }) => markReviewed(client, new Set(ids), reviewed),
    onError: (_error, { ids, reviewed }) => markReviewed(client, new Set(ids), !reviewed),
    onSettled: () => client.invalidateQueries({ queryKey: keys.unreviewed }),
  });
}
