/**
 * What a camera can do beyond streaming: moving, its picture, its care. Each read asks the camera itself over the hub, so
 * nothing here is asked unless a screen shows it.
 */
import type { AnswerOf } from '#core/api/routes.ts';
import type { encoderChange, imagingChange, ptzCommand, ptzSettings } from '#core/api/onvif-schemas.ts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import { api } from './api.ts';

export type PtzState = AnswerOf<'ptzState'>;
export type PtzSettings = z.output<typeof ptzSettings>;
export type PtzCommand = z.input<typeof ptzCommand>;
export type ImagingState = AnswerOf<'imaging'>;
export type ImagingChange = z.input<typeof imagingChange>;
export type Care = AnswerOf<'care'>;
export type Encoder = Care['encoders'][number];
export type EncoderChange = z.input<typeof encoderChange>;

const ptzKey = (cameraId: string) => ['ptz', cameraId] as const;
const imagingKey = (cameraId: string) => ['imaging', cameraId] as const;
const careKey = (cameraId: string) => ['care', cameraId] as const;

/** Whether the camera's events come in has no message either: asked again while that is about to change. */
const watchEveryMs = 5_000;
/** Whether a patrol goes round has no message of its own: asked again now and then while the pad is on screen. */
const ptzEveryMs = 15_000;

export function usePtzState(cameraId: string) {
  return useQuery({
    queryKey: ptzKey(cameraId),
    queryFn: ({ signal }) => api.call('ptzState', { params: { id: cameraId }, signal }),
    refetchInterval: ptzEveryMs,
    staleTime: 0,
  });
}

/** One command; presets may be others afterwards, so the state is asked again unless it was only a move. */
export function usePtzCommand(cameraId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: PtzCommand) => api.call('ptz', { params: { id: cameraId }, body }),
    onSuccess: (_answer, command) =>
      command.action.endsWith('_preset') ? client.invalidateQueries({ queryKey: ptzKey(cameraId) }) : undefined,
  });
}

export function useChangePtz(cameraId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Partial<PtzSettings>) => api.call('changePtz', { params: { id: cameraId }, body }),
    onSuccess: async (settings) => {
      client.setQueryData<PtzState>(ptzKey(cameraId), (old) => old && { ...old, settings });
      await client.invalidateQueries({ queryKey: ptzKey(cameraId) });
    },
  });
}

export function useImaging(cameraId: string, enabled: boolean) {
  return useQuery({
    queryKey: imagingKey(cameraId),
    queryFn: ({ signal }) => api.call('imaging', { params: { id: cameraId }, signal }),
    enabled,
    staleTime: 0,
  });
}

export function useChangeImaging(cameraId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: ImagingChange) => api.call('changeImaging', { params: { id: cameraId }, body }),
    // One after the other: two sliders moved quickly must not answer in the wrong order.
    scope: { id: `imaging ${cameraId}` },
    onSuccess: (state) => client.setQueryData<ImagingState>(imagingKey(cameraId), state),
  });
}

export function useCare(cameraId: string, enabled: boolean) {
  return useQuery({
    queryKey: careKey(cameraId),
    queryFn: ({ signal }) => api.call('care', { params: { id: cameraId }, signal }),
    enabled,
    staleTime: 0,
    refetchInterval: ({ state }) => {
      const watch = state.data?.watch?.state;
      return watch === 'connecting' || watch === 'retrying' ? watchEveryMs : false;
    },
  });
}

export function useCareActions(cameraId: string) {
  const client = useQueryClient();
  const params = { id: cameraId };
  const ask = (): Promise<void> => client.invalidateQueries({ queryKey: careKey(cameraId) });
  return {
    setClock: useMutation({ mutationFn: () => api.call('setCameraClock', { params }), onSuccess: ask }),
    reboot: useMutation({ mutationFn: () => api.call('rebootCamera', { params }) }),
    changeEncoder: useMutation({
      mutationFn: (body: EncoderChange) => api.call('changeEncoder', { params, body }),
      onSuccess: ask,
    }),
    applyRecommended: useMutation({
      mutationFn: () => api.call('applyRecommended', { params }),
      onSuccess: (care) => client.setQueryData<Care>(careKey(cameraId), care),
    }),
    relay: useMutation({
      mutationFn: ({ token, active }: { token: string; active: boolean }) =>
        api.call('changeRelay', { params: { ...params, token }, body: { active } }),
    }),
  };
}
