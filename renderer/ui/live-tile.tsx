/** The live picture of one camera. */
export function LiveTile({ cameraId, className }: { cameraId: string; stream: 'main' | 'sub'; className?: string; onState?: (state: string) => void }) {
  return <div className={className} data-camera={cameraId} />;
}
