/** Adding, changing and removing cameras. The answer of each call is put into the list at once. */
import type { AnswerOf } from '#core/api/routes.ts';
import type { cameraPatch, newCamera } from '#core/api/schemas.ts';
import { useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { api } from './api.ts';
import { applyLiveEvent } from './cache.ts';
import { changedPositions, inOrder } from './camera-order.ts';
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

export interface CameraOrder {
  /** As it stands now, which may be newer than what is drawn. */
  ids: () => string[];
  put: (ids: readonly string[], onError: (error: Error) => void) => void;
}

/**
 * Puts the cameras into the order of these ids. Shown at once; only the positions that change are told to the hub, one after
 * the other. After a refusal the hub is asked how they stand.
 */
export function useCameraOrder(): CameraOrder {
  const client = useQueryClient();
  const { mutate } = useMutation({
    scope: { id: 'camera-order' },
    mutationFn: async (positions: ReadonlyMap<string, number>) => {
      for (const [id, position] of positions) {
        await api.call('changeCamera', { params: { id }, body: { position } });
      }
    },
    onError: () => client.invalidateQueries({ queryKey: keys.cameras }),
  });
  const held = () => client.getQueryData<AnswerOf<'listCameras'>>(keys.cameras)?.cameras ?? [];
  return {
    ids: () => inOrder(held()).map(({ id }) => id),
    put: (ids, onError) => {
      const positions = changedPositions(ids, held());
      // Before the next key comes, which counts from here.
      client.setQueryData<AnswerOf<'listCameras'>>(
        keys.cameras,
        (old) =>
          old && { cameras: old.cameras.map((one) => ({ ...one, position: positions.get(one.id) ?? one.position })) },
      );
      mutate(positions, { onError });
    },
  };
}

export function useRetryCamera(cameraId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.call('retryCamera', { params: { id: cameraId } }),
    onSuccess: put(client),
  });
}

/** Takes the certificate that the camera shows now for its own, and tries again. */
export function useTrustCamera(cameraId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => api.call('trustCamera', { params: { id: cameraId } }),
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
