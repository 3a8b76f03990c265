/** Changing settings: shown at once, put back if the hub refuses. */
import type { AnswerOf } from '#core/api/routes.ts';
import type { Settings } from '#core/api/schemas.ts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from './api.ts';
import { keys } from './queries.ts';

export function useChangeSettings() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (patch: Partial<Settings>) => api.call('changeSettings', { body: patch }),
    onMutate: (patch) => {
      const before = client.getQueryData<AnswerOf<'getSettings'>>(keys.settings);
      if (before) client.setQueryData<AnswerOf<'getSettings'>>(keys.settings, { ...before, ...patch });
      return { before };
    },
    onError: (_error, _patch, context) => {
      if (context?.before) client.setQueryData(keys.settings, context.before);
    },
    onSuccess: (settings) => {
      client.setQueryData(keys.settings, settings);
      void client.invalidateQueries({ queryKey: keys.storage });
    },
  });
}
