"""The log of each call of a function is whole, and is that call's alone; calls share a process that goes well."""

from __future__ import annotations

import base64

import pytest

import emulator as e
import functions
from vwt_local import function_logs

TALK = """
exports.handler = async ({ lines, fails }) => {
  for (let n = 0; n < lines; n += 1) console.log(`line ${n} of ${lines}`);
  if (fails) throw new Error("as it was asked to");
  return process.pid;
};
"""


def test_a_log_is_whole_and_the_calls_own(emulator: e.Emulator) -> None:
    functions.create(emulator, "talking", TALK)
    for lines, fails in ((3, "false"), (400, "false"), (1, "true"), (2, "false")):
        answer = emulator.client("lambda").invoke(
            FunctionName="talking", LogType="Tail", Payload=f'{{"lines":{lines},"fails":{fails}}}'.encode()
        )
        log = base64.b64decode(answer["LogResult"]).decode()
        told = [line for line in log.splitlines() if line.startswith("line ")]
        assert told == [f"line {n} of {lines}" for n in range(lines)][-len(told) :]
        assert len(told) == lines or len(log) >= 4096
        assert "\0" not in log


def test_calls_share_a_process_until_it_is_ended(emulator: e.Emulator) -> None:
    functions.create(emulator, "lasting", TALK)

    def process() -> int:
        answer = emulator.client("lambda").invoke(FunctionName="lasting", Payload=b'{"lines":0,"fails":false}')
        return int(answer["Payload"].read())

    first = process()
    assert process() == first
    emulator.delete("/_vwt/functions")
    assert process() != first
    assert not e.is_alive(first)


def test_another_program_than_expected_is_no_silent_change() -> None:
    with pytest.raises(RuntimeError, match="another than expected"):
        function_logs.marking("rl.on('line', () => {});")
