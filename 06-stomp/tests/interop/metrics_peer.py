#!/usr/bin/env python3
"""Our `/metrics`, read by the parser of Prometheus's own client for Python.

    python 06-stomp/tests/interop/metrics_peer.py target/debug/06-stomp

Takes the path of the tool, and ends with 1 if something does not hold.
"""

import subprocess
import sys
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

TOOL = sys.argv[1]
# Each octet that a label could stumble over.
ODD = '/queue/a"b\\c{d}=시세'


def main():
    broker = subprocess.Popen(
        [TOOL, "serve", "--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True
    )
    try:
        tcp, web_socket = (broker.stdout.readline().split()[-1] for _ in range(2))
        for _ in range(3):
            subprocess.run([TOOL, "send", ODD, "hi", "--url", tcp], check=True, stdout=subprocess.DEVNULL)
        url = web_socket.replace("ws:", "http:").replace("/stomp", "/metrics")
        with urllib.request.urlopen(url) as answer:
            assert answer.headers.get_content_type() == "text/plain"
            text = answer.read().decode()
        families = {family.name: family for family in text_string_to_metric_families(text)}
        for name, family in families.items():
            assert family.documentation and family.type in ("gauge", "counter"), name
        value = lambda name: families[name].samples[0].value
        assert value("stomp_messages_received") == 3
        assert value("stomp_queues_bytes") > 0
        assert value("process_resident_memory_bytes") > 1e6
        waiting = {sample.labels["destination"]: sample.value for sample in families["stomp_destination_messages"].samples}
        assert waiting == {ODD: 3}, waiting
        received, delivered = (
            {sample.labels["destination"]: sample.value for sample in families[f"stomp_destination_{way}"].samples}
            for way in ("received", "delivered")
        )
        assert (received, delivered) == ({ODD: 3}, {ODD: 0}), (received, delivered)
        print(f"ok      Prometheus reads {len(families)} metrics, and a label with every odd octet")
    finally:
        broker.terminate()
        broker.wait()


if __name__ == "__main__":
    main()
