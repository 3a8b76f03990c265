/** The media service, version 1 (ONVIF Media). Element order is the schema's: clients made by gSOAP depend on it. */
import { serviceCapabilities } from './capabilities.ts';
import { profileOf, range, snapshotUri, streamUri, type Call, type Handler, type Service } from './call.ts';
import { changeEncoder, encoderOf } from './encoder-change.ts';
import {
  audioDecoderConfiguration,
  audioEncoder1,
  audioOutputConfiguration,
  audioSourceConfiguration,
  ptzConfiguration,
  resolution,
  videoEncoder1,
  videoSourceConfiguration,
  when,
} from './media-parts.ts';
import { child, invalidArgument, nothing, numberOf, textOf, xml, type Markup } from './soap.ts';
import type { Profile } from './world.ts';

function profileInside(call: Call, profile: Profile): Markup {
  const { world } = call;
  const sound = world.audio !== 'none';
  return xml`<tt:Name>${profile.name}</tt:Name>
    <tt:VideoSourceConfiguration token="video_source_config">${videoSourceConfiguration(world)}</tt:VideoSourceConfiguration>
    ${when(sound, xml`<tt:AudioSourceConfiguration token="audio_source_config">${audioSourceConfiguration}</tt:AudioSourceConfiguration>`)}
    <tt:VideoEncoderConfiguration token="${profile.encoder.token}">${videoEncoder1(profile.encoder)}</tt:VideoEncoderConfiguration>
    ${when(sound, xml`<tt:AudioEncoderConfiguration token="audio_encoder">${audioEncoder1(world)}</tt:AudioEncoderConfiguration>`)}
    ${when(!world.without.has('ptz'), xml`<tt:PTZConfiguration token="ptz_config">${ptzConfiguration}</tt:PTZConfiguration>`)}
    ${when(
      world.talk,
      xml`<tt:Extension><tt:AudioOutputConfiguration token="audio_output_config">${audioOutputConfiguration}</tt:AudioOutputConfiguration>
        <tt:AudioDecoderConfiguration token="audio_decoder">${audioDecoderConfiguration}</tt:AudioDecoderConfiguration></tt:Extension>`,
    )}`;
}

const options: Handler = (call) => {
  const token = textOf(call.body, 'trt:ConfigurationToken');
  const ofProfile = textOf(call.body, 'trt:ProfileToken');
  const encoder =
    token !== undefined
      ? encoderOf(call.world, token)
      : ofProfile !== undefined
        ? profileOf(call, ofProfile).encoder
        : profileOf(call, 'main').encoder;
  const h264 = xml`${encoder.sizes.map((size) => xml`<tt:ResolutionsAvailable>${resolution(size)}</tt:ResolutionsAvailable>`)}
    <tt:GovLengthRange>${range(...encoder.govRange)}</tt:GovLengthRange><tt:FrameRateRange>${range(...encoder.fpsRange)}</tt:FrameRateRange>
    <tt:EncodingIntervalRange>${range(1, 1)}</tt:EncodingIntervalRange><tt:H264ProfilesSupported>Main</tt:H264ProfilesSupported>
    <tt:H264ProfilesSupported>High</tt:H264ProfilesSupported>`;
  return xml`<trt:Options><tt:QualityRange>${range(1, 10)}</tt:QualityRange><tt:H264>${h264}</tt:H264>
    <tt:Extension><tt:H264>${h264}<tt:BitrateRange>${range(...encoder.kbpsRange)}</tt:BitrateRange></tt:H264></tt:Extension></trt:Options>`;
};

const setEncoder: Handler = ({ world, body }) => {
  const wanted = child(body, 'trt:Configuration');
  const encoder = encoderOf(world, wanted?.attributes.get('token'));
  const encoding = textOf(wanted, 'tt:Encoding');
  if (encoding !== undefined && encoding !== 'H264')
    throw invalidArgument('ConfigModify', `${encoding} is not among the options`);
  changeEncoder(encoder, {
    codec: undefined,
    width: numberOf(wanted, 'tt:Resolution', 'tt:Width'),
    height: numberOf(wanted, 'tt:Resolution', 'tt:Height'),
    fps: numberOf(wanted, 'tt:RateControl', 'tt:FrameRateLimit'),
    kbps: numberOf(wanted, 'tt:RateControl', 'tt:BitrateLimit'),
    gov: numberOf(wanted, 'tt:H264', 'tt:GovLength'),
    quality: numberOf(wanted, 'tt:Quality'),
  });
  return nothing;
};

/** tt:MediaUri: Uri, InvalidAfterConnect, InvalidAfterReboot, Timeout. */
const mediaUri = (uri: string): Markup =>
  xml`<trt:MediaUri><tt:Uri>${uri}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>
    <tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></trt:MediaUri>`;

const getStreamUri: Handler = (call) => {
  const setup = child(call.body, 'trt:StreamSetup');
  const protocol = textOf(setup, 'tt:Transport', 'tt:Protocol');
  const stream = textOf(setup, 'tt:Stream');
  const profile = profileOf(call, textOf(call.body, 'trt:ProfileToken'));
  // ONVIF Media 5.13.1: only unicast over RTSP is here.
  if (stream === 'RTP-Multicast' || protocol === 'HTTP')
    throw invalidArgument('InvalidStreamSetup', 'Only RTP-Unicast over RTSP');
  return mediaUri(streamUri(call, profile));
};

export const media1: Service = {
  GetServiceCapabilities: ({ world }) => serviceCapabilities('media1', world),
  GetProfiles: (call) =>
    xml`${call.world.profiles.map((profile) => xml`<trt:Profiles token="${profile.token}" fixed="true">${profileInside(call, profile)}</trt:Profiles>`)}`,
  GetProfile: (call) => {
    const profile = profileOf(call, textOf(call.body, 'trt:ProfileToken'));
    return xml`<trt:Profile token="${profile.token}" fixed="true">${profileInside(call, profile)}</trt:Profile>`;
  },
  GetVideoSources: ({ world }) => {
    const encoder = world.profiles[0]?.encoder;
    return encoder
      ? xml`<trt:VideoSources token="video_source"><tt:Framerate>${encoder.fpsRange[1]}</tt:Framerate><tt:Resolution>${resolution(encoder.sizes[0] ?? encoder)}</tt:Resolution></trt:VideoSources>`
      : nothing;
  },
  GetVideoSourceConfigurations: ({ world }) =>
    xml`<trt:Configurations token="video_source_config">${videoSourceConfiguration(world)}</trt:Configurations>`,
  GetVideoSourceConfiguration: ({ world }) =>
    xml`<trt:Configuration token="video_source_config">${videoSourceConfiguration(world)}</trt:Configuration>`,
  GetVideoEncoderConfigurations: ({ world }) =>
    xml`${world.profiles.map(({ encoder }) => xml`<trt:Configurations token="${encoder.token}">${videoEncoder1(encoder)}</trt:Configurations>`)}`,
  GetCompatibleVideoEncoderConfigurations: (call) => {
    const { encoder } = profileOf(call, textOf(call.body, 'trt:ProfileToken'));
    return xml`<trt:Configurations token="${encoder.token}">${videoEncoder1(encoder)}</trt:Configurations>`;
  },
  GetVideoEncoderConfiguration: ({ world, body }) => {
    const encoder = encoderOf(world, textOf(body, 'trt:ConfigurationToken'));
    return xml`<trt:Configuration token="${encoder.token}">${videoEncoder1(encoder)}</trt:Configuration>`;
  },
  GetVideoEncoderConfigurationOptions: options,
  SetVideoEncoderConfiguration: setEncoder,
  GetStreamUri: getStreamUri,
  GetSnapshotUri: (call) => mediaUri(snapshotUri(call, profileOf(call, textOf(call.body, 'trt:ProfileToken')))),
  GetAudioSources: ({ world }) =>
    when(
      world.audio !== 'none',
      xml`<trt:AudioSources token="audio_source"><tt:Channels>1</tt:Channels></trt:AudioSources>`,
    ),
  GetAudioSourceConfigurations: ({ world }) =>
    when(
      world.audio !== 'none',
      xml`<trt:Configurations token="audio_source_config">${audioSourceConfiguration}</trt:Configurations>`,
    ),
  GetAudioEncoderConfigurations: ({ world }) =>
    when(
      world.audio !== 'none',
      xml`<trt:Configurations token="audio_encoder">${audioEncoder1(world)}</trt:Configurations>`,
    ),
  GetAudioOutputs: ({ world }) => when(world.talk, xml`<trt:AudioOutputs token="audio_output"/>`),
  GetAudioOutputConfigurations: ({ world }) =>
    when(
      world.talk,
      xml`<trt:Configurations token="audio_output_config">${audioOutputConfiguration}</trt:Configurations>`,
    ),
  GetAudioDecoderConfigurations: ({ world }) =>
    when(world.talk, xml`<trt:Configurations token="audio_decoder">${audioDecoderConfiguration}</trt:Configurations>`),
  SetSynchronizationPoint: () => nothing,
};
