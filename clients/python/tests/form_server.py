"""A server that keeps the forms that are posted to it."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Dict, List, Optional, Tuple, Type
from urllib.parse import parse_qs

Form = Dict[str, str]


class FormServer:
    """Listens on a loopback port while it is entered."""

    def __init__(self, port: int = 0) -> None:
        """:param port: 0 for any free one."""
        self.posts: List[Tuple[str, Form]] = []
        posts = self.posts
        self._arrived = arrived = threading.Condition()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
                with arrived:
                    posts.append((self.path, form))
                    arrived.notify_all()
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True)

    def wait(self, count: int, seconds: float = 10) -> List[Tuple[str, Form]]:
        """The posts, once there are so many."""
        with self._arrived:
            self._arrived.wait_for(lambda: len(self.posts) >= count, seconds)
            return list(self.posts)

    def __enter__(self) -> "FormServer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
