"""Runs a script under a meter and prints what it used, as a keeper does.

python -I -S metering_keeper.py METERING LIMITS FOLDER PAUSE COMMAND…: LIMITS is JSON; with a
PAUSE of 0 there are no samples.
"""

import ctypes
import importlib.util
import json
import os
import resource
import signal
import sys
import time

path, limits, folder, pause, *command = sys.argv[1:]
spec = importlib.util.spec_from_file_location("metering", path)
metering = importlib.util.module_from_spec(spec)
spec.loader.exec_module(metering)
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # whom the script leaves behind comes to us

meter = metering.Meter(folder)
script = os.fork()
if not script:
    os.setsid()
    os.execv(command[0], command)  # noqa: S606 # no shell wanted
exceeded = None
while os.waitid(os.P_PID, script, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
    if float(pause):
        meter.sample()
        exceeded = meter.exceeded(json.loads(limits))
        if exceeded:
            os.killpg(script, signal.SIGKILL)
            break
    time.sleep(float(pause) or 0.01)
try:
    while True:
        os.wait()
except ChildProcessError:
    pass
meter.ended(resource.getrusage(resource.RUSAGE_CHILDREN))
sys.stdout.write(json.dumps({"report": meter.report(), "exceeded": exceeded}))
