/** The mark: a porch lamp. */
export function Lantern({ size = 28 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" className="shrink-0">
      <path d="M16 3v3.500" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
      <path
        d="M9.800 13.500 11.500 8.600a2 2 0 0 1 1.900-1.400h5.200a2 2 0 0 1 1.900 1.400l1.700 4.900z"
        fill="currentColor"
      />
      <path
        d="M11 15.300h10l-1.100 8.200a2 2 0 0 1-2 1.700h-3.800a2 2 0 0 1-2-1.700z"
        fill="currentColor"
        fillOpacity="0.45"
      />
      <path d="M12 28.500h8" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
    </svg>
  );
}
