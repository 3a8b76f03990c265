/** A dialog lies beside the picture, not in it: in full screen nobody would see it. */
export function leaveFullScreen(): void {
  // Left already is as good.
  if (document.fullscreenElement) void document.exitFullscreen();
}
