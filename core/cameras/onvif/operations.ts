/** Which code answers which question of the hub. Invariant: every operation of OnvifOperations has an entry, by its type. */
import type { Clock } from '#core/base/clock.ts';
import type { CallContext, OperationTable } from './call-desk.ts';
import { readClock, reboot, setClock } from './clock.ts';
import type { DeadMan } from './dead-man.ts';
import { describeCamera } from './describe.ts';
import { changeEncoder, readEncoders } from './encoders.ts';
import { changeImaging, readImagingState } from './imaging.ts';
import { movePtz, readPtzState } from './ptz.ts';
import { setRelay } from './relay.ts';
import { takeSnapshot } from './snapshot.ts';

/** Kept back for the answer's way to the hub. */
const answerMs = 1_000;

export function createOperations({ deadMan, clock }: { deadMan: DeadMan; clock: Clock }): OperationTable<CallContext> {
  return {
    describe: (connection, _input, { lasting, endMs }) =>
      describeCamera(lasting, connection, endMs === undefined ? undefined : endMs - answerMs),
    ptz_state: (connection, { profile }, context) => readPtzState(connection, profile, context),
    ptz: (connection, input, context) => movePtz(connection, input, context, deadMan),
    imaging_state: (connection, { source }, context) => readImagingState(connection, source, context),
    imaging: (connection, input, context) => changeImaging(connection, input, context, deadMan),
    clock: (connection) => readClock(connection, clock),
    set_clock: (connection, _input, { target }) => setClock(connection, target.cameraName, clock),
    reboot: (connection) => reboot(connection),
    encoders: (connection, _input, { target }) => readEncoders(connection, target.cameraName),
    change_encoder: (connection, input, { target }) => changeEncoder(connection, input, target.cameraName),
    relay: (connection, input) => setRelay(connection, input),
    snapshot: (connection, { profile }, { lasting, signal }) => takeSnapshot(connection, lasting, profile, signal),
  };
}
