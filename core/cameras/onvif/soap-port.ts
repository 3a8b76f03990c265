/**
 * What the ONVIF services (device, media, ptz, imaging, events) are written against: a connection to one camera that calls
 * a service and gives back the body of the answer as a small tree. Owns no socket and no XML; see connection.ts.
 */

/** An element with its namespace resolved. Attributes have no namespace unless prefixed; the prefix is dropped. */
export interface XmlElement {
  /** Namespace URI; '' for none. */
  ns: string;
  /** Local name. */
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: readonly XmlElement[];
  /** All text directly inside, trimmed. */
  text: string;
}

/** The services a camera can offer, by what they are for. */
export type ServiceName = 'device' | 'media1' | 'media2' | 'ptz' | 'imaging' | 'events' | 'deviceio' | 'analytics';

export interface SoapRequest {
  /** The service, or the address of a subscription manager that the camera handed out (subject to the one-address rule). */
  to: ServiceName | { url: string; referenceParameters?: string | undefined };
  /** SOAP action URI. */
  action: string;
  /** The body's XML. Prefixes s, wsa, wsnt, tds, trt, tr2, tptz, timg, tev, tmd, tan, tt are known. */
  body: string;
  /** WS-Addressing headers (To, Action, MessageID, ReplyTo) are added; events need them. */
  addressing?: boolean | undefined;
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface OnvifConnection {
  /**
   * The first element inside the SOAP body. Throws HubError: `camera_wrong_password`, `camera_clock`, `not_offered`
   * (ActionNotSupported, or the service is missing), `camera_not_onvif`, `camera_silent`, `camera_bad_description`,
   * `camera_error` (any other fault, with its cleaned reason) and what the socket can fail with.
   */
  call(request: SoapRequest): Promise<XmlElement>;
  has(service: ServiceName): boolean;
  /** Service capabilities as GetServices/GetCapabilities gave them, or null. */
  capabilities(service: ServiceName): XmlElement | null;
  /** Camera minus hub. */
  readonly clockOffsetMs: number;
  /** The address as the rule allows it: our host and port, path and query from `address`; null when it may not be used. */
  allowed(address: string, kind: 'service' | 'rtsp' | 'http'): string | null;
}
