/** The media service, version 2 (ONVIF Media2), which alone can name H.265. Element order is the schema's. */
import { serviceCapabilities } from './capabilities.ts';
import { profileOf, range, snapshotUri, streamUri, type Call, type Handler, type Service } from './call.ts';
import { changeEncoder, encoderOf } from './encoder-change.ts';
import {
  audioDecoderConfiguration,
  audioEncoder2,
  audioOutputConfiguration,
  audioSourceConfiguration,
  profilesOf,
  ptzConfiguration,
  resolution,
  videoEncoder2,
  videoSourceConfiguration,
  when,
} from './media-parts.ts';
import { attributeNumber, child, invalidArgument, nothing, numberOf, textOf, xml, type Markup } from './soap.ts';
import type { Encoder, Profile } from './world.ts';

const h264Profile = (encoder: Encoder): string => (encoder.codec === 'H264' ? 'High' : 'Main');

/** Without a Type only names are told (Media2 5.2.2). */
function configurations(call: Call, profile: Profile): Markup {
  const types = call.body.children.filter((one) => one.name === 'Type').map((one) => one.text);
  if (types.length === 0) return nothing;
  const { world } = call;
  const wants = (type: string): boolean => types.includes('All') || types.includes(type);
  const sound = world.audio !== 'none';
  return xml`<tr2:Configurations>
    ${when(wants('VideoSource'), xml`<tr2:VideoSource token="video_source_config">${videoSourceConfiguration(world)}</tr2:VideoSource>`)}
    ${when(sound && wants('AudioSource'), xml`<tr2:AudioSource token="audio_source_config">${audioSourceConfiguration}</tr2:AudioSource>`)}
    ${when(wants('VideoEncoder'), xml`<tr2:VideoEncoder token="${profile.encoder.token}" GovLength="${profile.encoder.gov}" Profile="${h264Profile(profile.encoder)}">${videoEncoder2(profile.encoder)}</tr2:VideoEncoder>`)}
    ${when(sound && wants('AudioEncoder'), xml`<tr2:AudioEncoder token="audio_encoder">${audioEncoder2(world)}</tr2:AudioEncoder>`)}
    ${when(!world.without.has('ptz') && wants('PTZ'), xml`<tr2:PTZ token="ptz_config">${ptzConfiguration}</tr2:PTZ>`)}
    ${when(world.talk && wants('AudioOutput'), xml`<tr2:AudioOutput token="audio_output_config">${audioOutputConfiguration}</tr2:AudioOutput>`)}
    ${when(world.talk && wants('AudioDecoder'), xml`<tr2:AudioDecoder token="audio_decoder">${audioDecoderConfiguration}</tr2:AudioDecoder>`)}
    </tr2:Configurations>`;
}

/** The encoders a call means: the one named, a profile's, or all. */
function encodersOf(call: Call): Encoder[] {
  const token = textOf(call.body, 'tr2:ConfigurationToken');
  if (token !== undefined) return [encoderOf(call.world, token)];
  return profilesOf(call, textOf(call.body, 'tr2:ProfileToken')).map((profile) => profile.encoder);
}

const options: Handler = (call) =>
  xml`${encodersOf(call)
    .slice(0, 1)
    .map((encoder) => {
      const rates = [1, 2, 5, 8, 10, 12, 15, 20, 25, 30].filter((rate) => rate <= encoder.fpsRange[1]).reverse();
      return xml`<tr2:Options GovLengthRange="${encoder.govRange.join(' ')}" FrameRatesSupported="${rates.join(' ')}" ProfilesSupported="${encoder.codec === 'H264' ? 'Main High' : 'Main'}" ConstantBitRateSupported="false">
        <tt:Encoding>${encoder.codec}</tt:Encoding><tt:QualityRange>${range(1, 10)}</tt:QualityRange>
        ${encoder.sizes.map((size) => xml`<tt:ResolutionsAvailable>${resolution(size)}</tt:ResolutionsAvailable>`)}
        <tt:BitrateRange>${range(...encoder.kbpsRange)}</tt:BitrateRange></tr2:Options>`;
    })}`;

const setEncoder: Handler = ({ world, body }) => {
  const wanted = child(body, 'tr2:Configuration');
  changeEncoder(encoderOf(world, wanted?.attributes.get('token')), {
    codec: textOf(wanted, 'tt:Encoding'),
    width: numberOf(wanted, 'tt:Resolution', 'tt:Width'),
    height: numberOf(wanted, 'tt:Resolution', 'tt:Height'),
    fps: numberOf(wanted, 'tt:RateControl', 'tt:FrameRateLimit'),
    kbps: numberOf(wanted, 'tt:RateControl', 'tt:BitrateLimit'),
    gov: attributeNumber(wanted, 'GovLength'),
    quality: numberOf(wanted, 'tt:Quality'),
  });
  return nothing;
};

export const media2: Service = {
  GetServiceCapabilities: ({ world }) => serviceCapabilities('media2', world),
  GetProfiles: (call) => {
    const token = textOf(call.body, 'tr2:Token');
    if (token !== undefined) profileOf(call, token);
    return xml`${profilesOf(call, token).map(
      (profile) =>
        xml`<tr2:Profiles token="${profile.token}" fixed="true"><tr2:Name>${profile.name}</tr2:Name>${configurations(call, profile)}</tr2:Profiles>`,
    )}`;
  },
  GetVideoSourceConfigurations: ({ world }) =>
    xml`<tr2:Configurations token="video_source_config">${videoSourceConfiguration(world)}</tr2:Configurations>`,
  GetVideoEncoderConfigurations: (call) =>
    xml`${encodersOf(call).map(
      (encoder) =>
        xml`<tr2:Configurations token="${encoder.token}" GovLength="${encoder.gov}" Profile="${h264Profile(encoder)}">${videoEncoder2(encoder)}</tr2:Configurations>`,
    )}`,
  GetVideoEncoderConfigurationOptions: options,
  SetVideoEncoderConfiguration: setEncoder,
  GetAudioSourceConfigurations: ({ world }) =>
    when(
      world.audio !== 'none',
      xml`<tr2:Configurations token="audio_source_config">${audioSourceConfiguration}</tr2:Configurations>`,
    ),
  GetAudioEncoderConfigurations: ({ world }) =>
    when(
      world.audio !== 'none',
      xml`<tr2:Configurations token="audio_encoder">${audioEncoder2(world)}</tr2:Configurations>`,
    ),
  GetAudioOutputConfigurations: ({ world }) =>
    when(
      world.talk,
      xml`<tr2:Configurations token="audio_output_config">${audioOutputConfiguration}</tr2:Configurations>`,
    ),
  GetAudioDecoderConfigurations: ({ world }) =>
    when(world.talk, xml`<tr2:Configurations token="audio_decoder">${audioDecoderConfiguration}</tr2:Configurations>`),
  GetStreamUri: (call) => {
    const protocol = textOf(call.body, 'tr2:Protocol') ?? '';
    const profile = profileOf(call, textOf(call.body, 'tr2:ProfileToken'));
    if (!['RtspUnicast', 'RTSP'].includes(protocol))
      throw invalidArgument('InvalidStreamSetup', 'Only unicast over RTSP');
    return xml`<tr2:Uri>${streamUri(call, profile)}</tr2:Uri>`;
  },
  GetSnapshotUri: (call) =>
    xml`<tr2:Uri>${snapshotUri(call, profileOf(call, textOf(call.body, 'tr2:ProfileToken')))}</tr2:Uri>`,
  SetSynchronizationPoint: () => nothing,
};
