"""A small client of the Debug Adapter Protocol: debugpy, driven as VS Code drives it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SECONDS = 60                                          # after which a silent debugger is ended


def need_debugpy() -> None:
    """The test skips with this reason where debugpy is not installed, and fails for it in CI."""
    try:
        import debugpy  # noqa: F401
    except ImportError:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("debugpy is not installed here")


class Debugger:
    """A program under debugpy, stopped at a line.  Ends with the `with` block."""

    def __init__(self, program: Path, line: int, environment: dict[str, str]):
        self.adapter = subprocess.Popen([sys.executable, "-m", "debugpy.adapter"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.sent, self.events = 0, list[dict[str, Any]]()
        self.ask("initialize", adapterID="debugpy", linesStartAt1=True, pathFormat="path")
        launch = self.send("launch", program=str(program), cwd=str(program.parent), env=environment, justMyCode=False,
                           console="internalConsole", python=[sys.executable])
        self.event("initialized")
        self.ask("setBreakpoints", source={"path": str(program)}, breakpoints=[{"line": line}])
        self.ask("configurationDone")
        self.answer(launch)
        self.thread = self.event("stopped")["threadId"]

    def __enter__(self) -> "Debugger":
        return self

    def __exit__(self, *_: object) -> None:
        self.send("disconnect", terminateDebuggee=True)
        try:
            self.adapter.communicate(timeout=SECONDS)
        finally:
            self.adapter.kill()

    # ------------------------------------------------------------------ what a person does

    def step(self, command: str) -> None:
        """stepIn or next, and waits for the stop"""
        self.ask(command, threadId=self.thread)
        self.event("stopped")

    def frame(self) -> dict[str, Any]:
        """The frame at the top of the stack"""
        return self.ask("stackTrace", threadId=self.thread, levels=1)["stackFrames"][0]

    def shown(self, expression: str, context: str) -> str:
        """What the debugger shows of an expression in the frame at the top"""
        return self.ask("evaluate", expression=expression, frameId=self.frame()["id"], context=context)["result"]

    def variables(self) -> dict[str, str]:
        """What the variables pane shows: {name: text} of the frame at the top"""
        scopes = self.ask("scopes", frameId=self.frame()["id"])["scopes"]
        local = next(scope for scope in scopes if scope["name"] == "Locals")
        listed = self.ask("variables", variablesReference=local["variablesReference"])["variables"]
        return {variable["name"]: variable["value"] for variable in listed}

    # ------------------------------------------------------------------ the protocol

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        return self.answer(self.send(command, **arguments))

    def send(self, command: str, **arguments: Any) -> int:
        assert self.adapter.stdin is not None
        self.sent += 1
        request = {"seq": self.sent, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(request).encode()
        self.adapter.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.adapter.stdin.flush()
        return self.sent

    def answer(self, number: int) -> dict[str, Any]:
        while True:
            message = self.read()
            if message["type"] == "response" and message["request_seq"] == number:
                assert message["success"], message.get("message")
                return message.get("body") or {}
            self.events.append(message)

    def event(self, name: str) -> dict[str, Any]:
        while True:
            message = self.events.pop(0) if self.events else self.read()
            if message["type"] == "event" and message["event"] == name:
                return message.get("body") or {}
            assert message.get("event") != "terminated", f"the program ended before {name!r}"

    def read(self) -> dict[str, Any]:
        assert self.adapter.stdout is not None
        length = 0
        while (line := self.adapter.stdout.readline().strip()) or not length:
            assert line, "the debug adapter ended"
            length = int(line.removeprefix(b"Content-Length: "))
        return json.loads(self.adapter.stdout.read(length))
