"""Serves the last sample to Prometheus."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from resmon.compat.heflwr._format import exposition
from resmon.compat.heflwr._samples import Sample

# How soon it notes that it is to end.
_LOOK_SECONDS = 0.1


class Exporter:
    """A server of ``/metrics``. Raises OSError where the port is in use."""

    def __init__(self, address: str, port: int) -> None:
        """:param port: 0 for any free one."""
        self._text = ""
        exporter = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 5

            def do_GET(self) -> None:
                is_known = self.path.partition("?")[0] in ("/", "/metrics")
                body = exporter._text.encode() if is_known else b"Only /metrics is here\n"
                self.send_response(200 if is_known else 404)
                self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Says nothing of scrapes: stderr belongs to the program."""

        self._server = ThreadingHTTPServer((address, port), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=[_LOOK_SECONDS], name="resmon-exporter", daemon=True
        )
        self._thread.start()

    def show(self, sample: Sample) -> None:
        """Serves this sample from now on."""
        self._text = exposition(sample)

    def close(self) -> None:
        """Gives the port back."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
