/** The device I/O service: inputs, relays and the audio connectors. */
import { serviceCapabilities } from './capabilities.ts';
import { relayOutputs, setRelayOutputState } from './device.ts';
import type { Service } from './call.ts';
import { nothing, xml } from './soap.ts';

export const deviceio: Service = {
  GetServiceCapabilities: ({ world }) => serviceCapabilities('deviceio', world),
  GetRelayOutputs: (call) => relayOutputs(call, 'tmd'),
  SetRelayOutputState: (call) => setRelayOutputState(call, 'tmd'),
  GetDigitalInputs: ({ world }) => xml`${world.inputs.map((token) => xml`<tmd:DigitalInputs token="${token}"/>`)}`,
  GetAudioSources: ({ world }) => (world.audio === 'none' ? nothing : xml`<tmd:Token>audio_source</tmd:Token>`),
  GetAudioOutputs: ({ world }) => (world.talk ? xml`<tmd:Token>audio_output</tmd:Token>` : nothing),
  GetVideoSources: () => xml`<tmd:Token>video_source</tmd:Token>`,
};
