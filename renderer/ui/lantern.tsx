/** The mark: a porch lamp. */
export function Lantern({ size = 28 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" className="shrink-0">
      <path d="M16 2v3" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
      <path d="M6.5 12.5 11.7 6.200A2 2 0 0 1 13.2 5.500h5.600a2 2 0 0 1 1.5.7l5.2 6.300z" fill="currentColor" />
      <path
        d="M9.5 14.500h13l-1.5 11a2 2 0 0 1-2 1.700h-6a2 2 0 0 1-2-1.700z"
        fill="currentColor"
        fillOpacity="0.18"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeLinejoin="round"
      />
      <circle cx="16" cy="20.5" r="3" fill="currentColor" />
      <path d="M12.5 30h7" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
    </svg>
  );
}
