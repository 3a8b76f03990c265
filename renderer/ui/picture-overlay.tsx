/**
 * A picture with drawing on it. Both are fitted the same way ("contain", centred), so that a fraction of the picture is the same
 * place in both whatever the shape of the frame. Children draw in pixels of the picture; `size` tells how many there are.
 */
import { useState, type ReactNode, type Ref, type SVGProps } from 'react';
import { cx } from './cx.ts';

export interface PictureSize {
  width: number;
  height: number;
}

interface PictureOverlayProps extends Omit<SVGProps<SVGSVGElement>, 'children' | 'ref'> {
  src: string;
  alt: string;
  className?: string;
  /** The shape to assume while there is no picture. */
  fallback?: PictureSize;
  svgRef?: Ref<SVGSVGElement>;
  children: (size: PictureSize) => ReactNode;
}

const widescreen: PictureSize = { width: 1280, height: 720 };

export function PictureOverlay({
  src,
  alt,
  className,
  fallback = widescreen,
  svgRef,
  children,
  ...svg
}: PictureOverlayProps) {
  const [loaded, setLoaded] = useState<{ src: string; size: PictureSize | null } | null>(null);
  const size = (loaded?.src === src ? loaded.size : null) ?? fallback;
  const failed = loaded?.src === src && loaded.size === null;
  return (
    <div className={cx('relative overflow-hidden bg-night', className)}>
      {failed ? (
        <p className="absolute inset-x-0 top-1/2 -translate-y-1/2 px-6 text-center text-sm text-[#c3ccd6]">
          There is no picture.
        </p>
      ) : (
        <img
          src={src}
          alt={alt}
          draggable={false}
          onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) =>
            setLoaded({ src, size: { width, height } })
          }
          onError={() => setLoaded({ src, size: null })}
          className="absolute inset-0 size-full object-contain select-none"
        />
      )}
      <svg
        ref={svgRef}
        viewBox={`0 0 ${size.width} ${size.height}`}
        preserveAspectRatio="xMidYMid meet"
        {...svg}
        className="absolute inset-0 size-full"
      >
        {children(size)}
      </svg>
    </div>
  );
}
