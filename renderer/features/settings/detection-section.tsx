/** The detector: how it is, which models there are, and a try before one is used. */
import type { AnswerOf } from '#core/api/routes.ts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, FlaskConical } from 'lucide-react';
import { api } from '../../client/api.ts';
import { keys, useDetector } from '../../client/queries.ts';
import { Button } from '../../ui/button.tsx';
import { cx } from '../../ui/cx.ts';
import { bytes, number, percent } from '../../ui/format.ts';
import { Card, Loading, Problem } from '../../ui/surfaces.tsx';
import { useToast } from '../../ui/toast.tsx';

type Detector = AnswerOf<'detector'>;

const states: Record<Detector['state'], { word: string; text: string; dot: string }> = {
  starting: { word: 'Starting', text: 'The model is being loaded.', dot: 'bg-warn pulse-soft' },
  ok: { word: 'Working', text: 'People, vehicles and animals are told apart.', dot: 'bg-good' },
  slow: {
    word: 'Slow',
    text: 'It can not keep up with all that moves: some events come late or without a name. Recording is not affected.',
    dot: 'bg-warn',
  },
  absent: { word: 'Absent', text: 'Events are made of motion alone. Recording is not affected.', dot: 'bg-rec' },
  off: { word: 'Off', text: 'No camera looks for anything.', dot: 'bg-muted' },
};

export function DetectionSection() {
  const detector = useDetector();
  if (detector.isError) return <Problem error={detector.error} onRetry={() => void detector.refetch()} />;
  if (!detector.data) return <Loading what="Asking the detector" />;
  const { state, meanMs, engine, message, models } = detector.data;
  return (
    <>
      <Card title="Detector">
        <p className="flex items-center gap-2.5 text-xl font-semibold tracking-tight">
          <span className={cx('size-3 rounded-full', states[state].dot)} aria-hidden="true" />
          {states[state].word}
        </p>
        <p className="mt-1 text-muted">{states[state].text}</p>
        {message === null ? null : <p className="mt-2 break-words">{message}</p>}
        {meanMs === null ? null : (
          <p className="tabular mt-2 text-sm text-muted">
            {number(meanMs)} ms a picture on average{engine === 'wasm' ? ', without the fast engine (WebAssembly)' : ''}
          </p>
        )}
      </Card>
      <Card
        title="Models"
        note={
          <>
            Put your own <code className="font-mono text-ink">.onnx</code> file (YOLOX family) into the folder{' '}
            <code className="font-mono text-ink">models</code> in the data folder and it appears here.
          </>
        }
      >
        <ul className="space-y-3">
          {models.map((model) => (
            <ModelRow key={model.name} model={model} />
          ))}
        </ul>
      </Card>
    </>
  );
}

function ModelRow({ model }: { model: Detector['models'][number] }) {
  const client = useQueryClient();
  const toast = useToast();
  const test = useMutation({ mutationFn: () => api.call('testModel', { body: { name: model.name } }) });
  const activate = useMutation({
    mutationFn: () => api.call('useModel', { body: { name: model.name } }),
    onSuccess: (status) => {
      client.setQueryData<Detector>(keys.detector, status);
      toast(`${model.name} is in use.`);
    },
    onError: (error) => toast(error.message, { tone: 'problem' }),
  });
  return (
    <li className="rounded-control border border-line p-4">
      <div className="flex flex-wrap items-center gap-3">
        <div className="min-w-0 flex-1 basis-44">
          <p className="font-medium break-all">
            {model.builtIn ? 'Built in' : model.name}
            {model.active ? (
              <span className="ml-2 rounded-full bg-accent-soft px-2 py-0.5 text-xs font-medium whitespace-nowrap text-accent-ink">
                In use
              </span>
            ) : null}
          </p>
          <p className="tabular text-sm text-muted">{bytes(model.bytes)}</p>
        </div>
        <Button size="small" busy={test.isPending} onClick={() => test.mutate()}>
          <FlaskConical size={15} aria-hidden="true" /> Self-test
        </Button>
        {model.active ? null : (
          <Button
            size="small"
            tone="primary"
            disabled={test.data?.passed !== true}
            busy={activate.isPending}
            onClick={() => activate.mutate()}
          >
            Use it
          </Button>
        )}
      </div>
      {model.active || test.data?.passed === true ? null : (
        <p className="mt-2 text-sm text-muted">It can be used after its self-test has passed.</p>
      )}
      <div aria-live="polite">
        {test.error ? (
          <div className="mt-3">
            <Problem error={test.error} />
          </div>
        ) : null}
        {test.data ? <TestResult result={test.data} /> : null}
      </div>
    </li>
  );
}

function TestResult({ result }: { result: AnswerOf<'testModel'> }) {
  const Icon = result.passed ? CircleCheck : CircleAlert;
  return (
    <div className="mt-3 overflow-hidden rounded-control border border-line">
      {result.picture?.startsWith('data:image/jpeg;base64,') ? (
        <img src={result.picture} alt="Test picture with what the model found framed" className="w-full bg-night" />
      ) : null}
      <div className="p-3">
        <p className={cx('flex items-center gap-2 font-medium', result.passed ? 'text-good' : 'text-bad')}>
          <Icon size={18} className="shrink-0" aria-hidden="true" />{' '}
          <span className="min-w-0 break-words">{result.message}</span>
        </p>
        <p className="tabular mt-1 text-sm text-muted">
          {number(result.meanMs)} ms a picture · {result.family} ·{' '}
          {result.engine === 'native' ? 'fast engine' : 'WebAssembly'}
        </p>
        {result.detections.length === 0 ? null : (
          <p className="tabular mt-1 text-sm text-muted">
            Found: {result.detections.map(({ label, score }) => `${label} ${percent(score)}`).join(', ')}
          </p>
        )}
      </div>
    </div>
  );
}
