/**
 * The picture with zones and masks on it. While `drawing` is set, a press adds a point; a press on the first point, a double
 * press or Enter closes. Otherwise the points of the chosen shape can be dragged, or moved with the arrow keys once focused.
 */
import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { api } from '../../client/api.ts';
import { cx } from '../../ui/cx.ts';
import { PictureOverlay, type PictureSize } from '../../ui/picture-overlay.tsx';
import { dropPoint, fewestPoints, fraction, movePoint, splitEdge, type Shape, type ShapePoint } from './shapes.ts';

interface ShapeCanvasProps {
  cameraId: string;
  shapes: Shape[];
  chosenId: string | null;
  /** The points so far, or null when nothing is being drawn. */
  drawing: { kind: Shape['kind']; points: ShapePoint[] } | null;
  onChoose: (id: string) => void;
  onPolygon: (id: string, polygon: ShapePoint[]) => void;
  onDraw: (points: ShapePoint[]) => void;
  onClose: () => void;
}

export function ShapeCanvas({
  cameraId,
  shapes,
  chosenId,
  drawing,
  onChoose,
  onPolygon,
  onDraw,
  onClose,
}: ShapeCanvasProps) {
  const svg = useRef<SVGSVGElement>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const [pointer, setPointer] = useState<ShapePoint | null>(null);
  // One picture for as long as this is open: a new one under the pointer would be in the way.
  const [src] = useState(() => api.urlOf('cameraSnapshot', { params: { id: cameraId }, query: { width: 1280 } }));
  const chosen = shapes.find(({ id }) => id === chosenId) ?? null;

  const placeOf = (event: PointerEvent): ShapePoint | null => {
    const matrix = svg.current?.getScreenCTM();
    const box = svg.current?.viewBox.baseVal;
    if (!matrix || !box) return null;
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    return [fraction(at.x / box.width), fraction(at.y / box.height)];
  };

  const onPointerDown = (event: PointerEvent<SVGSVGElement>): void => {
    if (!drawing || event.button !== 0) return;
    const at = placeOf(event);
    const [first] = drawing.points;
    if (!at) return;
    // Near enough to the first point to mean it.
    if (first && drawing.points.length >= fewestPoints && Math.hypot(at[0] - first[0], at[1] - first[1]) < 0.02)
      onClose();
    else if (event.detail < 2) onDraw([...drawing.points, at]);
  };

  const onPointerMove = (event: PointerEvent<SVGSVGElement>): void => {
    const at = placeOf(event);
    if (!at) return;
    if (drawing) setPointer(at);
    if (dragged !== null && chosen) onPolygon(chosen.id, movePoint(chosen, dragged, at));
  };

  return (
    <PictureOverlay
      src={src}
      alt="Picture of the camera"
      className={cx('aspect-video rounded-control', drawing ? 'cursor-crosshair' : null)}
      svgRef={svg}
      aria-label="Zones and masks on the picture"
      role="group"
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={() => setDragged(null)}
      onPointerLeave={() => setPointer(null)}
      onDoubleClick={() => {
        if (drawing && drawing.points.length >= fewestPoints) onClose();
      }}
      // Dragging a point must not scroll the page under a finger.
      style={{ touchAction: drawing || chosen ? 'none' : 'auto' }}
    >
      {(size) => (
        <>
          <Hatch size={size} />
          {shapes.map((shape) => (
            <polygon
              key={shape.id}
              points={pixels(shape.polygon, size)}
              onPointerDown={() => {
                if (!drawing) onChoose(shape.id);
              }}
              className={cx(
                shape.kind === 'zone'
                  ? 'fill-[#f2b04a]/25 stroke-[#ffc566]'
                  : 'fill-[url(#mask-hatch)] stroke-[#d5dde5]',
                drawing ? 'pointer-events-none' : 'cursor-pointer',
              )}
              strokeWidth={shape.id === chosenId ? 3 : 1.5}
              strokeDasharray={shape.kind === 'mask' ? '6 4' : undefined}
              vectorEffect="non-scaling-stroke"
            >
              <title>{shape.name}</title>
            </polygon>
          ))}
          {chosen && !drawing ? (
            <Handles
              shape={chosen}
              size={size}
              onDrag={setDragged}
              onPolygon={(polygon) => onPolygon(chosen.id, polygon)}
            />
          ) : null}
          {drawing ? <Sketch points={drawing.points} pointer={pointer} size={size} /> : null}
        </>
      )}
    </PictureOverlay>
  );
}

const pixels = (points: readonly ShapePoint[], { width, height }: PictureSize): string =>
  points.map(([x, y]) => `${x * width},${y * height}`).join(' ');

/** Masks are hatched, so that the two kinds differ by more than colour. */
function Hatch({ size }: { size: PictureSize }) {
  const step = size.width / 60;
  return (
    <defs>
      <pattern id="mask-hatch" width={step} height={step} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width={step} height={step} className="fill-black/55" />
        <rect width={step / 4} height={step} className="fill-[#d5dde5]/50" />
      </pattern>
    </defs>
  );
}

function Sketch({ points, pointer, size }: { points: ShapePoint[]; pointer: ShapePoint | null; size: PictureSize }) {
  const radius = size.width / 130;
  return (
    <g className="pointer-events-none">
      <polyline
        points={pixels(pointer ? [...points, pointer] : points, size)}
        className="fill-none stroke-[#ffc566]"
        strokeWidth="2"
        strokeDasharray="6 4"
        vectorEffect="non-scaling-stroke"
      />
      {points.map(([x, y], index) => (
        <circle
          key={index}
          cx={x * size.width}
          cy={y * size.height}
          r={index === 0 ? radius * 1.6 : radius}
          className="fill-[#221500] stroke-[#ffc566]"
          strokeWidth="2"
          vectorEffect="non-scaling-stroke"
        />
      ))}
    </g>
  );
}

interface HandlesProps {
  shape: Shape;
  size: PictureSize;
  onDrag: (index: number) => void;
  onPolygon: (polygon: ShapePoint[]) => void;
}

const steps: Record<string, ShapePoint> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function Handles({ shape, size, onDrag, onPolygon }: HandlesProps) {
  const radius = size.width / 90;
  const onKeyDown = (event: KeyboardEvent, index: number, [x, y]: ShapePoint): void => {
    const step = steps[event.key];
    if (step) {
      const by = event.shiftKey ? 0.05 : 0.01;
      onPolygon(movePoint(shape, index, [x + step[0] * by, y + step[1] * by]));
    } else if (event.key === 'Delete' || event.key === 'Backspace') onPolygon(dropPoint(shape, index));
    else return;
    event.preventDefault();
  };
  return (
    <>
      {shape.polygon.map(([x, y], index) => {
        const [nextX, nextY] = shape.polygon[(index + 1) % shape.polygon.length] ?? [x, y];
        return (
          <circle
            key={`edge-${index}`}
            cx={((x + nextX) / 2) * size.width}
            cy={((y + nextY) / 2) * size.height}
            r={radius * 0.6}
            className="cursor-copy fill-white/60 stroke-black/60 hover:fill-white"
            onPointerDown={() => {
              onPolygon(splitEdge(shape, index));
              onDrag(index + 1);
            }}
          />
        );
      })}
      {shape.polygon.map((point, index) => (
        <circle
          key={index}
          cx={point[0] * size.width}
          cy={point[1] * size.height}
          r={radius}
          tabIndex={0}
          role="button"
          aria-label={`Point ${index + 1} of ${shape.name}. Arrow keys move it, Delete takes it away.`}
          onKeyDown={(event) => onKeyDown(event, index, point)}
          onPointerDown={() => onDrag(index)}
          className="shape-handle cursor-grab fill-[#ffc566] stroke-[#221500]"
          strokeWidth="2"
          vectorEffect="non-scaling-stroke"
        />
      ))}
    </>
  );
}
