/** Adding, changing and removing cameras. The answer of each call is put into the list at once. */
import type { AnswerOf } from '#core/api/routes.ts';
import type { cameraPatch, newCamera } from '#core/api/schemas.ts';
import { useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { api } from './api.ts';
import { applyLiveEvent } from './cache.ts';
import { keys } from './queries.ts';

export type NewCamera = z.input<typeof newCamera>;
export type CameraPatch = z.input<typeof cameraPatch>;

const put = (client: QueryClient) => (camera: AnswerOf<'getCamera'>) =>
  applyLiveEvent(client, { type: 'camera', camera });

export function useAddCamera() {
  const client = useQueryClient();
  return useMutation({ mutationFn: (body: NewCamera) => api.call('addCamera', { body }), onSuccess: put(client) });
}

export function useChangeCamera(cameraId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: CameraPatch) => api.call('changeCamera', { params: { id: cameraId }, body }),
    onSuccess: put(client),
  });
}

export function useRetryCamera(cameraId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.call('retryCamera', { params: { id: cameraId } }),
    onSuccess: put(client),
  });
}

export function useRemoveCamera(cameraId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.call('removeCamera', { params: { id: cameraId } }),
    onSuccess: () => applyLiveEvent(client, { type: 'camera-removed', cameraId }),
  });
}

/** The demo comes with its own camera, recordings and events: everything is asked again. */
export function useDemo() {
  const client = useQueryClient();
  const all = (): Promise<void> => client.invalidateQueries();
  return {
    add: useMutation({ mutationFn: () => api.call('addDemo', {}), onSuccess: all }),
    remove: useMutation({
      mutationFn: () => api.call('removeDemo', {}),
      onSuccess: async () => {
        client.setQueryData<AnswerOf<'listCameras'>>(keys.cameras, (old) =>
          old ? { cameras: old.cameras.filter((camera) => !camera.demo) } : old,
        );
        await all();
      },
    }),
  };
}
