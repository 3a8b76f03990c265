# A GStreamer client of an RTSP camera, for tests: URL USER PASSWORD listen|talk. Prints what it got as JSON.
import json
import json
import os
import sys
import gi
gi.require_version('Gst', '1.0')
from gi.repository import Gst, GLib
Gst.init(None)
url, user, password, talk = sys.argv[1:5]
sink = 'fakesink async=false sync=false signal-handoffs=true'
pipeline = Gst.parse_launch(f'rtspsrc name=camera protocols=tcp latency=0 ! rtph264depay ! h264parse ! avdec_h264 ! {sink} name=video')
camera = pipeline.get_by_name('camera')
camera.set_property('location', url)
camera.set_property('user-id', user)
camera.set_property('user-pw', password)
loop = GLib.MainLoop()
kept = []
state = {'pictures': 0, 'said': 0, 'back': None, 'error': None}
if talk == 'talk':
    Gst.util_set_object_arg(camera, 'backchannel', 'onvif')
    def selected(_src, number, caps):
        if caps.get_structure(0).has_field('a-sendonly'): state['back'] = number
        return True
    camera.connect('select-stream', selected)
def enough():
    if state['pictures'] >= 20 and (talk != 'talk' or state['said'] >= 25): loop.quit()
def picture(*_):
    state['pictures'] += 1
    enough()
pipeline.get_by_name('video').connect('handoff', picture)
def say():
    if state['back'] is None or state['pictures'] == 0: return True
    n = state['said']
    head = bytes([0x80, 0x80 if n == 0 else 0]) + n.to_bytes(2, 'big') + (n * 160).to_bytes(4, 'big') + bytes([0, 0, 0, 7])
    caps = Gst.Caps.from_string('application/x-rtp,media=audio,payload=0,clock-rate=8000,encoding-name=PCMU')
    sample = Gst.Sample.new(Gst.Buffer.new_wrapped(head + bytes([0x55]) * 160), caps, None, None)
    # The signal takes the sample over without saying so: it must not be given back a second time.
    kept.append(sample)
    camera.emit('push-backchannel-sample', state['back'], sample)
    state['said'] += 1
    enough()
    return state['said'] < 25
if talk == 'talk': GLib.timeout_add(20, say)
def told(_bus, message):
    if message.type == Gst.MessageType.ERROR:
        state['error'] = message.parse_error()[0].message
        loop.quit()
bus = pipeline.get_bus()
bus.add_signal_watch()
bus.connect('message', told)
GLib.timeout_add_seconds(10, loop.quit)
pipeline.set_state(Gst.State.PLAYING)
loop.run()
pipeline.set_state(Gst.State.NULL)
print(json.dumps(state))
sys.stdout.flush()
os._exit(0)
