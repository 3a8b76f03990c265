/** The zones and masks as a list, down to their points: everything the picture can do, without a pointer. */
import { Plus, Trash2 } from 'lucide-react';
import { IconButton } from '../../ui/button.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { cx } from '../../ui/cx.ts';
import { controlClass, TextField } from '../../ui/field.tsx';
import { labelsOf, labelWords } from '../../ui/words.tsx';
import { dropPoint, fewestPoints, mostPoints, movePoint, splitEdge, type Shape } from './shapes.ts';

interface ShapeListProps {
  shapes: Shape[];
  chosenId: string | null;
  onChoose: (id: string | null) => void;
  onChange: (id: string, patch: Partial<Shape>) => void;
  onRemove: (id: string) => void;
}

export function ShapeList({ shapes, chosenId, onChoose, onChange, onRemove }: ShapeListProps) {
  return (
    <ul className="space-y-2">
      {shapes.map((shape) => (
        <li
          key={shape.id}
          className={cx('rounded-control border', shape.id === chosenId ? 'border-accent' : 'border-line')}
        >
          <div className="flex items-center gap-2 py-1 pr-1 pl-3">
            <button
              type="button"
              aria-expanded={shape.id === chosenId}
              onClick={() => onChoose(shape.id === chosenId ? null : shape.id)}
              className="flex min-h-10 min-w-0 flex-1 items-center gap-2.5 rounded-md text-left"
            >
              <span
                aria-hidden="true"
                className={cx(
                  'size-4 shrink-0 rounded-sm border-2',
                  shape.kind === 'zone' ? 'border-accent bg-accent/30' : 'border-dashed border-line-strong bg-sunken',
                )}
              />
              <span className="truncate font-medium">{shape.name}</span>
              <span className="shrink-0 text-sm text-muted">{shape.kind === 'zone' ? 'Zone' : 'Mask'}</span>
            </button>
            <IconButton label={`Delete ${shape.name}`} onClick={() => onRemove(shape.id)}>
              <Trash2 size={17} aria-hidden="true" />
            </IconButton>
          </div>
          {shape.id === chosenId ? (
            <ShapeDetails shape={shape} onChange={(patch) => onChange(shape.id, patch)} />
          ) : null}
        </li>
      ))}
    </ul>
  );
}

function ShapeDetails({ shape, onChange }: { shape: Shape; onChange: (patch: Partial<Shape>) => void }) {
  return (
    <div className="space-y-4 border-t border-line p-3">
      <TextField
        label="Name"
        value={shape.name}
        maxLength={80}
        problem={shape.name.trim() === '' ? 'Give it a name' : undefined}
        onChange={(event) => onChange({ name: event.target.value })}
      />
      {shape.kind === 'zone' ? (
        <fieldset>
          <legend className="text-sm font-medium">What counts here</legend>
          <p className="text-sm text-muted">Nothing ticked: everything counts.</p>
          <div className="mt-1 grid grid-cols-2">
            {labelsOf(['hub']).map((label) => (
              <Checkbox
                key={label}
                label={labelWords[label]}
                checked={shape.labels.includes(label)}
                onChange={(on) =>
                  onChange({ labels: on ? [...shape.labels, label] : shape.labels.filter((other) => other !== label) })
                }
              />
            ))}
          </div>
        </fieldset>
      ) : null}
      <details>
        <summary className="cursor-pointer text-sm font-medium">Points ({shape.polygon.length})</summary>
        <ol className="mt-2 space-y-1.5">
          {shape.polygon.map((point, index) => (
            <li key={index} className="flex items-center gap-1.5">
              <span className="tabular w-5 shrink-0 text-sm text-muted">{index + 1}</span>
              {([0, 1] as const).map((axis) => (
                <input
                  key={axis}
                  type="number"
                  min={0}
                  max={100}
                  step={0.5}
                  aria-label={`Point ${index + 1}, ${axis === 0 ? 'percent from the left' : 'percent from the top'}`}
                  value={Math.round(point[axis] * 1000) / 10}
                  onChange={(event) => {
                    const value = event.target.valueAsNumber / 100;
                    if (Number.isFinite(value)) {
                      onChange({
                        polygon: movePoint(shape, index, axis === 0 ? [value, point[1]] : [point[0], value]),
                      });
                    }
                  }}
                  className={cx(controlClass, 'min-h-8! w-20 min-w-0 px-2! text-sm')}
                />
              ))}
              <IconButton
                label={`Add a point after point ${index + 1}`}
                className="size-8!"
                disabled={shape.polygon.length >= mostPoints}
                onClick={() => onChange({ polygon: splitEdge(shape, index) })}
              >
                <Plus size={15} aria-hidden="true" />
              </IconButton>
              <IconButton
                label={`Delete point ${index + 1}`}
                className="size-8!"
                disabled={shape.polygon.length <= fewestPoints}
                onClick={() => onChange({ polygon: dropPoint(shape, index) })}
              >
                <Trash2 size={15} aria-hidden="true" />
              </IconButton>
            </li>
          ))}
        </ol>
      </details>
    </div>
  );
}
