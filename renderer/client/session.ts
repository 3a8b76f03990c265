/** Signing in: the token is traded for a cookie and never kept here. */
import type { AnswerOf } from '#core/api/routes.ts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api, onSignedOut } from './api.ts';
import { keys } from './queries.ts';

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => api.call('signIn', { body: { token } }),
    onSuccess: (session) => client.setQueryData(keys.session, session),
  });
}

/** A 401 from any call shows the sign-in page. */
export function useSignedOutGuard(): void {
  const client = useQueryClient();
  useEffect(
    () =>
      onSignedOut(() =>
        client.setQueryData<AnswerOf<'getSession'>>(keys.session, (old) => old && { ...old, signedIn: false }),
      ),
    [client],
  );
}

/** The link that was opened led here without a key: it works once. Read before the address changes. */
export const linkWasUsed = new URLSearchParams(window.location.search).get('link') === 'used';
