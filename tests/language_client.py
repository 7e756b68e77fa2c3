"""A language server in a process of its own, and just enough of the protocol to talk to it."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Self

from process import clean_environment

_PATIENCE = 180  # seconds; a busy machine starts slowly


class Client:
    """python-lsp-server, started in a folder with these settings of its plugins."""

    def __init__(self, folder: Path, plugins: dict[str, Any]) -> None:
        self.folder = folder
        environment = clean_environment()
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
        environment["FLAKE8_ASYNCIO_CACHE"] = ""
        self._server = subprocess.Popen(
            [sys.executable, "-P", "-m", "pylsp"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._heard: queue.Queue[dict[str, Any]] = queue.Queue()
        self._number = 0
        self._versions: dict[str, int] = {}
        threading.Thread(target=self._listen, daemon=True).start()
        self.request("initialize", {"processId": os.getpid(), "rootUri": folder.as_uri(), "capabilities": {}})
        self._notify("initialized", {})
        others = dict.fromkeys(("pycodestyle", "pyflakes", "mccabe", "autopep8", "yapf", "rope_autoimport"))
        quiet = {name: {"enabled": False} for name in others}
        settings = {"pylsp": {"plugins": {**quiet, **plugins}}}
        self._notify("workspace/didChangeConfiguration", {"settings": settings})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.kill()
        self._server.communicate()

    def open(self, name: str, text: str) -> list[dict[str, Any]]:
        """Open a document with this text, whatever is on disk; its diagnostics."""
        self._versions[name] = 1
        document = {"uri": self.uri(name), "languageId": "python", "version": 1, "text": text}
        self._notify("textDocument/didOpen", {"textDocument": document})
        return self._diagnostics(name)

    def change(self, name: str, text: str) -> list[dict[str, Any]]:
        """Replace the text of an open document; its diagnostics."""
        self._versions[name] += 1
        document = {"uri": self.uri(name), "version": self._versions[name]}
        self._notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})
        return self._diagnostics(name)

    def save(self, name: str, text: str) -> list[dict[str, Any]]:
        """Write a document to disk; its diagnostics."""
        (self.folder / name).write_text(text, encoding="utf-8")
        self._notify("textDocument/didSave", {"textDocument": {"uri": self.uri(name)}})
        return self._diagnostics(name)

    def actions(self, name: str, line: int) -> list[dict[str, Any]]:
        """The code actions at a line, counted from 0."""
        place = {"line": line, "character": 0}
        where = {"start": place, "end": place}
        document = {"uri": self.uri(name)}
        return self.request(
            "textDocument/codeAction", {"textDocument": document, "range": where, "context": {"diagnostics": []}}
        )

    def uri(self, name: str) -> str:
        """How the protocol names a file of the folder."""
        return (self.folder / name).as_uri()

    def request(self, method: str, parameters: dict[str, Any]) -> Any:
        """Ask, and wait for the answer."""
        self._number += 1
        self._send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": parameters})
        return self._wait(lambda heard: heard.get("id") == self._number and "method" not in heard)["result"]

    def _diagnostics(self, name: str) -> list[dict[str, Any]]:
        heard = self._wait(
            lambda heard: (
                heard.get("method") == "textDocument/publishDiagnostics"
                and heard["params"]["uri"] == self.uri(name)
                and heard["params"].get("version") in (None, self._versions[name])
            )
        )
        return sorted(heard["params"]["diagnostics"], key=lambda each: each["range"]["start"]["line"])

    def _notify(self, method: str, parameters: dict[str, Any]) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": parameters})

    def _send(self, message: dict[str, Any]) -> None:
        content = json.dumps(message).encode()
        assert self._server.stdin is not None
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))
        self._server.stdin.flush()

    def _wait(self, wanted: Any) -> dict[str, Any]:
        while True:
            heard = self._heard.get(timeout=_PATIENCE)
            if wanted(heard):
                return heard

    def _listen(self) -> None:
        stream = self._server.stdout
        assert stream is not None
        while header := stream.readline():
            length = 0
            while header.strip():
                name, _, value = header.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
                header = stream.readline()
            self._heard.put(json.loads(stream.read(length)))


def changed(text: str, edits: list[dict[str, Any]]) -> str:
    """A text with the edits of a code action made; columns count UTF-16."""
    lines = text.splitlines(keepends=True)

    def offset(place: dict[str, int]) -> int:
        line = lines[place["line"]] if place["line"] < len(lines) else ""
        before = line.encode("utf-16-le")[: 2 * place["character"]].decode("utf-16-le")
        return sum(map(len, lines[: place["line"]])) + len(before)

    for each in sorted(edits, key=lambda each: offset(each["range"]["start"]), reverse=True):
        start, end = offset(each["range"]["start"]), offset(each["range"]["end"])
        text = text[:start] + each["newText"] + text[end:]
    return text
