/**
 * Everybody who answers searches in a small network, in one process: each device sends from its own address. Started with
 * `{listen: [interface addresses], zone, devices: [...]}`; prints `"ready"` when it hears.
 */
import dgram from 'node:dgram';
import http from 'node:http';
import { probeMatchReply } from './onvif-corpus/probe-matches.ts';

export interface Responder {
  /** Sends from here. */
  address: string;
  endpoint: string;
  types?: string;
  scopes?: string;
  addresses?: string;
  /** Replies to each question; 1 unless told. */
  replies?: number;
  /** A new endpoint for each reply. */
  restless?: boolean;
  /** Multicast is not answered, only questions sent to its address. */
  unicastOnly?: boolean;
}

export interface ResponderInput {
  listen: string[];
  /** Interface whose IPv6 group is joined; null: none. */
  zone: string | null;
  devices: Responder[];
  /** ONVIF over HTTP without WS-Discovery. */
  web: { address: string; port: number; answer: 'onvif' | 'page' | 'locked' }[];
}

const input = JSON.parse(process.argv[2] ?? '{}') as ResponderInput;
const bind = (socket: dgram.Socket, port: number, address: string): Promise<void> =>
  new Promise((resolve) => socket.bind(port, address, resolve));

const answer = (device: Responder, socket: dgram.Socket, question: Buffer, to: dgram.RemoteInfo): void => {
  const id = /MessageID>([^<]+)</.exec(question.toString())?.[1] ?? '';
  for (let i = 0; i < (device.replies ?? 1); i++) {
    const endpoint = device.restless ? `${device.endpoint}-${i}` : device.endpoint;
    socket.send(probeMatchReply(id, { ...device, endpoint }), to.port, to.address);
  }
};

const senders = new Map<Responder, dgram.Socket>();
for (const device of input.devices) {
  const six = device.address.includes(':');
  const socket = dgram.createSocket({ type: six ? 'udp6' : 'udp4', reuseAddr: true });
  // Bound to its own address: what is sent to it alone comes here, what is sent to the group does not.
  await bind(socket, 3702, device.address);
  socket.on('message', (question, from) => {
    answer(device, socket, question, from);
  });
  senders.set(device, socket);
}
const hear = (family: 4 | 6) => (question: Buffer, from: dgram.RemoteInfo) => {
  for (const [device, socket] of senders)
    if (!device.unicastOnly && device.address.includes(':') === (family === 6)) answer(device, socket, question, from);
};
const four = dgram.createSocket({ type: 'udp4', reuseAddr: true });
await bind(four, 3702, '239.255.255.250');
for (const address of input.listen) four.addMembership('239.255.255.250', address);
four.on('message', hear(4));
if (input.zone !== null) {
  const six = dgram.createSocket({ type: 'udp6', reuseAddr: true, ipv6Only: true });
  await bind(six, 3702, `ff02::c%${input.zone}`);
  six.addMembership('ff02::c', `::%${input.zone}`);
  six.on('message', hear(6));
}
for (const { address, port, answer: kind } of input.web) {
  const server = http.createServer((request, response) => {
    request.resume();
    if (request.headers.authorization !== undefined) console.log(JSON.stringify({ credentials: address }));
    if (kind === 'locked') response.writeHead(401, { 'WWW-Authenticate': 'Digest realm="x", nonce="1"' }).end();
    else if (kind === 'page') response.end('<html><body>A router</body></html>');
    else
      response
        .writeHead(200, { 'Content-Type': 'application/soap+xml' })
        .end(
          '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><x:GetSystemDateAndTimeResponse xmlns:x="http://www.onvif.org/ver10/device/wsdl"/></s:Body></s:Envelope>',
        );
  });
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
}
console.log(JSON.stringify('ready'));
