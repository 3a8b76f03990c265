/** Picture, encoder and relay answers of cameras in several makers' styles, cut down to what matters. */
import type { SoapScript } from './soap-camera.ts';

export interface Picture {
  brightness: number;
  irCut: string;
  focus: string;
}

/** Remembers what it is set to. */
export function adjustable(picture: Picture): SoapScript {
  return {
    GetVideoSources:
      '<trt:GetVideoSourcesResponse><trt:VideoSources token="src0"><tt:Framerate>25</tt:Framerate></trt:VideoSources></trt:GetVideoSourcesResponse>',
    GetOptions:
      '<timg:GetOptionsResponse><timg:ImagingOptions><tt:Brightness><tt:Min>0</tt:Min><tt:Max>100</tt:Max></tt:Brightness>' +
      '<tt:Contrast><tt:Min>50</tt:Min><tt:Max>50</tt:Max></tt:Contrast>' +
      '<tt:Focus><tt:AutoFocusModes>AUTO</tt:AutoFocusModes><tt:AutoFocusModes>MANUAL</tt:AutoFocusModes></tt:Focus>' +
      '<tt:IrCutFilterModes>ON</tt:IrCutFilterModes><tt:IrCutFilterModes>OFF</tt:IrCutFilterModes><tt:IrCutFilterModes>AUTO</tt:IrCutFilterModes>' +
      '<tt:Sharpness><tt:Min>0</tt:Min><tt:Max>INF</tt:Max></tt:Sharpness></timg:ImagingOptions></timg:GetOptionsResponse>',
    GetMoveOptions:
      '<timg:GetMoveOptionsResponse><timg:MoveOptions><tt:Continuous><tt:Speed><tt:Min>-7</tt:Min><tt:Max>7</tt:Max></tt:Speed></tt:Continuous></timg:MoveOptions></timg:GetMoveOptionsResponse>',
    GetImagingSettings: () =>
      `<timg:GetImagingSettingsResponse><timg:ImagingSettings><tt:Brightness>${picture.brightness}</tt:Brightness><tt:Contrast>50</tt:Contrast>` +
      `<tt:Focus><tt:AutoFocusMode>${picture.focus}</tt:AutoFocusMode></tt:Focus><tt:IrCutFilter>${picture.irCut}</tt:IrCutFilter></timg:ImagingSettings></timg:GetImagingSettingsResponse>`,
    SetImagingSettings: ({ message }) => {
      const brightness = /Brightness>(\d+)</.exec(message)?.[1];
      if (brightness !== undefined) picture.brightness = Number(brightness);
      picture.irCut = /IrCutFilter>(\w+)</.exec(message)?.[1] ?? picture.irCut;
      picture.focus = /AutoFocusMode>(\w+)</.exec(message)?.[1] ?? picture.focus;
      return '<timg:SetImagingSettingsResponse/>';
    },
    Move: '<timg:MoveResponse/>',
    Stop: '<timg:StopResponse/>',
  };
}

/** Media1 as many cameras speak it: elements out of order, a vendor's extension, the bitrate's range in the extension. */
export function encoderOfMedia1(changed: (message: string) => void): SoapScript {
  let [bitrate, gov, fps] = ['4096', '250', '25'];
  return {
    GetVideoEncoderConfigurations: () =>
      '<trt:GetVideoEncoderConfigurationsResponse><trt:Configurations token="000"><tt:Name>Enc &amp; 1</tt:Name><tt:UseCount>1</tt:UseCount>' +
      `<tt:Quality>4</tt:Quality><tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>1920</tt:Width><tt:Height>1080</tt:Height></tt:Resolution>` +
      `<tt:H264><tt:GovLength>${gov}</tt:GovLength><tt:H264Profile>Main</tt:H264Profile></tt:H264>` +
      `<tt:RateControl><tt:FrameRateLimit>${fps}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>${bitrate}</tt:BitrateLimit></tt:RateControl>` +
      '<tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address></tt:Address><tt:Port>0</tt:Port><tt:TTL>1</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>' +
      '<tt:SessionTimeout>PT5S</tt:SessionTimeout><tt:SmartCodec>on</tt:SmartCodec></trt:Configurations></trt:GetVideoEncoderConfigurationsResponse>',
    GetVideoEncoderConfigurationOptions:
      '<trt:GetVideoEncoderConfigurationOptionsResponse><trt:Options><tt:QualityRange><tt:Min>1</tt:Min><tt:Max>6</tt:Max></tt:QualityRange>' +
      '<tt:H264><tt:ResolutionsAvailable><tt:Width>1280</tt:Width><tt:Height>720</tt:Height></tt:ResolutionsAvailable><tt:ResolutionsAvailable><tt:Width>1920</tt:Width><tt:Height>1080</tt:Height></tt:ResolutionsAvailable>' +
      '<tt:GovLengthRange><tt:Min>1</tt:Min><tt:Max>400</tt:Max></tt:GovLengthRange><tt:FrameRateRange><tt:Min>1</tt:Min><tt:Max>25</tt:Max></tt:FrameRateRange><tt:H264ProfilesSupported>Main</tt:H264ProfilesSupported></tt:H264>' +
      '<tt:Extension><tt:H264><tt:BitrateRange><tt:Min>32</tt:Min><tt:Max>8192</tt:Max></tt:BitrateRange></tt:H264></tt:Extension></trt:Options></trt:GetVideoEncoderConfigurationOptionsResponse>',
    GetProfiles:
      '<trt:GetProfilesResponse><trt:Profiles token="P1"><tt:Name>mainStream</tt:Name><tt:VideoEncoderConfiguration token="000"/></trt:Profiles></trt:GetProfilesResponse>',
    SetVideoEncoderConfiguration: ({ message }) => {
      changed(message);
      gov = /GovLength>(\d+)</.exec(message)?.[1] ?? gov;
      fps = /FrameRateLimit>(\d+)</.exec(message)?.[1] ?? fps;
      // This one rounds to its own steps and says nothing.
      bitrate = String(Math.floor(Number(/BitrateLimit>(\d+)</.exec(message)?.[1] ?? bitrate) / 512) * 512);
      return '<trt:SetVideoEncoderConfigurationResponse/>';
    },
  };
}

/** Media2 with H.265, lists as attributes, no rate control on the second encoder. */
export function encoderOfMedia2(changed: (message: string) => void): SoapScript {
  let [encoding, gov, size] = ['H264', '50', [2560, 1440]];
  return {
    GetVideoEncoderConfigurations: () =>
      `<tr2:GetVideoEncoderConfigurationsResponse><tr2:Configurations token="V1" GovLength="${gov}" Profile="High"><tt:Name>v1</tt:Name><tt:UseCount>2</tt:UseCount><tt:Encoding>${encoding}</tt:Encoding>` +
      `<tt:Resolution><tt:Width>${size[0]}</tt:Width><tt:Height>${size[1]}</tt:Height></tt:Resolution><tt:RateControl ConstantBitRate="true"><tt:FrameRateLimit>12.5</tt:FrameRateLimit><tt:BitrateLimit>2048</tt:BitrateLimit></tt:RateControl><tt:Quality>50</tt:Quality></tr2:Configurations>` +
      '<tr2:Configurations token="V2"><tt:Name>v2</tt:Name><tt:Encoding>JPEG</tt:Encoding><tt:Resolution><tt:Width>640</tt:Width><tt:Height>360</tt:Height></tt:Resolution></tr2:Configurations></tr2:GetVideoEncoderConfigurationsResponse>',
    GetVideoEncoderConfigurationOptions: ({ message }) =>
      message.includes('>V2<')
        ? { fault: 'InvalidArgVal' }
        : '<tr2:GetVideoEncoderConfigurationOptionsResponse>' +
          '<tr2:Options GovLengthRange="1 300" FrameRatesSupported="25 20 12.5 5" ProfilesSupported="Main High"><tt:Encoding>H264</tt:Encoding><tt:ResolutionsAvailable><tt:Width>2560</tt:Width><tt:Height>1440</tt:Height></tt:ResolutionsAvailable><tt:BitrateRange><tt:Min>64</tt:Min><tt:Max>16384</tt:Max></tt:BitrateRange></tr2:Options>' +
          '<tr2:Options GovLengthRange="1 200" FrameRatesSupported="20 10" ProfilesSupported="Main Main10"><tt:Encoding>H265</tt:Encoding><tt:ResolutionsAvailable><tt:Width>2560</tt:Width><tt:Height>1440</tt:Height></tt:ResolutionsAvailable><tt:ResolutionsAvailable><tt:Width>1280</tt:Width><tt:Height>720</tt:Height></tt:ResolutionsAvailable></tr2:Options></tr2:GetVideoEncoderConfigurationOptionsResponse>',
    GetProfiles:
      '<tr2:GetProfilesResponse><tr2:Profiles token="A"><tr2:Name>one</tr2:Name><tr2:Configurations><tr2:VideoEncoder token="V1"/></tr2:Configurations></tr2:Profiles><tr2:Profiles token="B"><tr2:Name>two</tr2:Name><tr2:Configurations><tr2:VideoEncoder token="V1"/></tr2:Configurations></tr2:Profiles></tr2:GetProfilesResponse>',
    SetVideoEncoderConfiguration: ({ message }) => {
      changed(message);
      encoding = /Encoding>(\w+)</.exec(message)?.[1] ?? encoding;
      gov = /GovLength="(\d+)"/.exec(message)?.[1] ?? gov;
      size = [Number(/Width>(\d+)</.exec(message)?.[1]), Number(/Height>(\d+)</.exec(message)?.[1])];
      return '<tr2:SetVideoEncoderConfigurationResponse/>';
    },
  };
}
