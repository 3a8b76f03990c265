/** One camera: live, and its past on a timeline. */
export function PlayerPage({ cameraId }: { cameraId: string; atMs?: number }) {
  return <p>{cameraId}</p>;
}
