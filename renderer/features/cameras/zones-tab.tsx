/** Zones (where things count) and masks (where nothing is seen), drawn on the picture. */
import type { Camera } from '#core/api/schemas.ts';
import { PencilRuler, SquarePlus } from 'lucide-react';
import { useLayoutEffect, useState, type SubmitEvent } from 'react';
import { useChangeCamera } from '../../client/cameras.ts';
import { Button } from '../../ui/button.tsx';
import { SaveBar } from '../../ui/save-bar.tsx';
import { Card } from '../../ui/surfaces.tsx';
import { Switch } from '../../ui/switch.tsx';
import { useToast } from '../../ui/toast.tsx';
import { ShapeCanvas } from './shape-canvas.tsx';
import { ShapeList } from './shape-list.tsx';
import {
  changeShape,
  detectOf,
  fewestPoints,
  middleRectangle,
  mostPoints,
  mostShapes,
  newShape,
  shapesOf,
  type Shape,
  type ShapePoint,
} from './shapes.ts';

interface Draft {
  shapes: Shape[];
  zonesRequired: boolean;
}

const draftOf = ({ detect }: Camera): Draft => ({ shapes: shapesOf(detect), zonesRequired: detect.zonesRequired });
const sent = ({ shapes, zonesRequired }: Draft) => ({ ...detectOf(shapes), zonesRequired });

export function ZonesTab({ camera }: { camera: Camera }) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(camera));
  const [chosenId, setChosenId] = useState<string | null>(null);
  const [drawing, setDrawing] = useState<{ kind: Shape['kind']; points: ShapePoint[] } | null>(null);
  const save = useChangeCamera(camera.id);
  const toast = useToast();

  const add = (kind: Shape['kind'], polygon: ShapePoint[]): void => {
    const shape = newShape(kind, polygon, draft.shapes);
    setDraft((old) => ({ ...old, shapes: [...old.shapes, shape] }));
    setChosenId(shape.id);
    setDrawing(null);
  };
  const close = (): void => {
    if (drawing && drawing.points.length >= fewestPoints) add(drawing.kind, drawing.points);
  };
  useDrawingKeys(drawing !== null, {
    Enter: close,
    Escape: () => setDrawing(null),
    Backspace: () => setDrawing((old) => old && { ...old, points: old.points.slice(0, -1) }),
  });

  const change = (id: string, patch: Partial<Shape>): void =>
    setDraft((old) => ({ ...old, shapes: changeShape(old.shapes, id, patch) }));
  const unnamed = draft.shapes.some(({ name }) => name.trim() === '');
  const full = draft.shapes.length >= mostShapes;

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (unnamed || drawing) return;
    save.mutate(
      { detect: sent(draft) },
      {
        onSuccess: (changed) => {
          setDraft(draftOf(changed));
          toast('Saved.');
        },
      },
    );
  };

  return (
    <form onSubmit={submit}>
      <div className="grid max-w-7xl items-start gap-5 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <Card>
          <ShapeCanvas
            cameraId={camera.id}
            shapes={draft.shapes}
            chosenId={chosenId}
            drawing={drawing}
            onChoose={setChosenId}
            onPolygon={(id, polygon) => change(id, { polygon })}
            onDraw={(points) => drawing && points.length <= mostPoints && setDrawing({ ...drawing, points })}
            onClose={close}
          />
          <div className="mt-4 flex flex-wrap items-center gap-2">
            {drawing ? (
              <>
                <p role="status" className="min-w-0 flex-1 basis-56 text-sm text-muted">
                  {drawing.points.length < fewestPoints
                    ? 'Press on the picture for each corner.'
                    : 'Press the first corner, or Enter, to close. Backspace takes the last one back.'}
                </p>
                <Button size="small" onClick={() => setDrawing(null)}>
                  Cancel
                </Button>
                <Button size="small" tone="primary" disabled={drawing.points.length < fewestPoints} onClick={close}>
                  Close the shape
                </Button>
              </>
            ) : (
              <>
                {(['zone', 'mask'] as const).map((kind) => (
                  <Button key={kind} size="small" disabled={full} onClick={() => setDrawing({ kind, points: [] })}>
                    <PencilRuler size={15} aria-hidden="true" /> Draw a {kind}
                  </Button>
                ))}
                {(['zone', 'mask'] as const).map((kind) => (
                  <Button
                    key={kind}
                    size="small"
                    tone="quiet"
                    disabled={full}
                    onClick={() => add(kind, middleRectangle)}
                  >
                    <SquarePlus size={15} aria-hidden="true" /> {kind === 'zone' ? 'Zone' : 'Mask'} from a rectangle
                  </Button>
                ))}
              </>
            )}
          </div>
        </Card>
        <Card title="Zones and masks">
          {draft.shapes.length === 0 ? (
            <div className="space-y-2 text-sm text-muted">
              <p>
                <strong className="text-ink">A zone</strong> names a place: “Driveway”, “Gate”. Events say which they
                touched.
              </p>
              <p>
                <strong className="text-ink">A mask</strong> hides a place from detection: a busy road, a tree, a
                neighbour's window. It is still recorded.
              </p>
            </div>
          ) : (
            <ShapeList
              shapes={draft.shapes}
              chosenId={chosenId}
              onChoose={setChosenId}
              onChange={change}
              onRemove={(id) => setDraft((old) => ({ ...old, shapes: old.shapes.filter((shape) => shape.id !== id) }))}
            />
          )}
          {draft.shapes.some(({ kind }) => kind === 'zone') ? (
            <div className="mt-4 border-t border-line pt-3">
              <Switch
                label="Only in a zone"
                hint="What touches no zone makes no event."
                checked={draft.zonesRequired}
                onChange={(zonesRequired) => setDraft((old) => ({ ...old, zonesRequired }))}
              />
            </div>
          ) : null}
        </Card>
      </div>
      <SaveBar
        dirty={JSON.stringify(sent(draft)) !== JSON.stringify(sent(draftOf(camera)))}
        busy={save.isPending}
        error={save.error}
        onDiscard={() => {
          setDraft(draftOf(camera));
          setDrawing(null);
          save.reset();
        }}
      />
    </form>
  );
}

/** Keys that mean something only while a shape is being drawn. */
function useDrawingKeys(active: boolean, runs: Record<string, () => void>): void {
  // Before the browser paints: the next key can come as soon as the point is seen.
  useLayoutEffect(() => {
    if (!active) return;
    const onKeyDown = (event: KeyboardEvent): void => {
      const run = runs[event.key];
      if (!run || event.target instanceof HTMLInputElement || event.target instanceof HTMLButtonElement) return;
      event.preventDefault();
      run();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  });
}
