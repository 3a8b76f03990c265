/** A picture of an event, with a quiet stand-in while there is none (retention may have taken it before its event). */
import { ImageOff } from 'lucide-react';
import { useState } from 'react';
import { cx } from './cx.ts';

interface EventPictureProps {
  src: string;
  alt?: string;
  className?: string;
  fit?: 'cover' | 'contain';
}

export function EventPicture({ src, alt = '', className, fit = 'cover' }: EventPictureProps) {
  const [failed, setFailed] = useState<string | null>(null);
  return (
    <span className={cx('relative block overflow-hidden bg-night', className)}>
      {failed === src ? (
        <span className="absolute inset-0 flex items-center justify-center text-[#8b98a6]">
          <ImageOff size={22} aria-hidden="true" />
          <span className="sr-only">No picture</span>
        </span>
      ) : (
        <img
          src={src}
          alt={alt}
          loading="lazy"
          decoding="async"
          onError={() => setFailed(src)}
          className={cx('absolute inset-0 size-full', fit === 'cover' ? 'object-cover' : 'object-contain')}
        />
      )}
    </span>
  );
}
