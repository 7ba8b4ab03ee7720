"""What we send is what pywinrm sends, element by element; what comes must belong to it."""

import re
import xml.etree.ElementTree as ET

import pytest
from winrm.protocol import Protocol

from msp_ops.transports.winrm.messages import Messages, read_received
from msp_ops.transports.winrm.onwindows import COMMAND
from msp_ops.transports.winrm.trouble import Kind, Trouble

SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
ID = "11111111-2222-3333-4444-555555555555"


class Recorder:
    """In the place of pywinrm's transport: keeps what is sent, and answers it."""

    def __init__(self, body, relates_to=None):
        self.sent = []
        self._body = body
        self._relates_to = relates_to

    def send_message(self, message):
        self.sent.append(message)
        number = self._relates_to or re.search(r"MessageID>(.*?)<", message)[1]
        head = f'<a:RelatesTo xmlns:a="{ADDRESSING}">{number}</a:RelatesTo>'
        return f'<e xmlns:rsp="{SHELL}">{head}{self._body}</e>'.encode()


def protocol(body="", **more):
    made = Protocol("http://host/wsman", transport="ntlm", username="u", password="p", ca_trust_path=None)
    made.transport = Recorder(body, **more)
    return made


def plain(message):
    """Every element with its attributes and text, the ids of messages left out."""
    return [
        (node.tag, sorted(node.attrib.items()), (node.text or "").strip())
        for node in ET.fromstring(message).iter()  # noqa: S314
        if not node.tag.endswith("MessageID")
    ]


ANSWERED = f'<rsp:CommandId>{ID}</rsp:CommandId><x Name="ShellId">{ID}</x><rsp:CommandState State="x/Running"/>'
SAME = {
    "Command": (
        lambda wire: Messages(wire).command(ID, COMMAND),
        lambda wire: wire.run_command(ID, COMMAND, console_mode_stdin=False),
    ),
    "Send": (
        lambda wire: Messages(wire).send(ID, "c", b"\x00\xff", end=True),
        lambda wire: wire.send_command_input(ID, "c", b"\x00\xff", end=True),
    ),
    "Receive": (lambda wire: Messages(wire).receive(ID, "c"), lambda wire: wire.get_command_output_raw(ID, "c")),
    "Signal": (lambda wire: Messages(wire).terminate(ID, "c"), lambda wire: wire.cleanup_command(ID, "c")),
    "Delete": (lambda wire: Messages(wire).delete(ID), lambda wire: wire.close_shell(ID, close_session=False)),
}


@pytest.mark.parametrize("operation", SAME)
def test_a_message_is_the_one_that_pywinrm_sends(operation):
    ours, theirs = protocol(ANSWERED), protocol(ANSWERED)
    for wire, act in zip((ours, theirs), SAME[operation], strict=True):
        act(wire)
    assert plain(ours.transport.sent[0]) == plain(theirs.transport.sent[0])


def test_a_shell_is_opened_as_pywinrm_does_and_has_our_name():
    ours, theirs = protocol(ANSWERED), protocol(ANSWERED)
    assert Messages(ours).create("OUR-NAME") == ID
    theirs.open_shell(codepage=65001, idle_timeout="PT900S")
    named = [("ShellId", "OUR-NAME")]
    told = [
        (tag, [] if attributes == named else attributes, text)
        for tag, attributes, text in plain(ours.transport.sent[0])
    ]
    assert told == plain(theirs.transport.sent[0])
    assert "OUR-NAME" in ours.transport.sent[0]


def test_the_time_of_an_operation_is_the_one_of_the_moment():
    wire = protocol(ANSWERED)
    messages = Messages(wire)
    for seconds in (5, 2):
        wire.operation_timeout_sec = seconds
        messages.receive(ID, "c")
    assert ["PT5S" in each for each in wire.transport.sent] == [True, False]


def test_an_answer_to_another_question_is_none():
    with pytest.raises(Trouble, match="belongs to another question") as caught:
        Messages(protocol(ANSWERED, relates_to=f"uuid:{ID}")).receive(ID, "c")
    assert caught.value.kind is Kind.LOST


def test_what_a_host_calls_its_shell_cannot_become_a_message_of_its_own():
    wire = protocol(ANSWERED)
    Messages(wire).delete('"/><x>&')
    assert '"/><x>&' in [text for _, _, text in plain(wire.transport.sent[0])]


def received(state, streams=""):
    return read_received(ET.fromstring(f'<r xmlns:rsp="{SHELL}">{streams}{state}</r>'))  # noqa: S314


def test_what_was_received():
    # recorded: the shape is that of jborean93/pypsrp, test_winrs_*
    streams = (
        '<rsp:Stream Name="stdout" CommandId="c">b25l</rsp:Stream>'
        '<rsp:Stream Name="stdout" CommandId="c">IHR3bw==</rsp:Stream>'
        '<rsp:Stream Name="stderr" CommandId="c" End="true"></rsp:Stream>'
    )
    state = f'CommandId="c" State="{SHELL}/CommandState/Done"'
    done = f"<rsp:CommandState {state}><rsp:ExitCode>-1</rsp:ExitCode></rsp:CommandState>"
    found = received(done, streams)
    assert (found.stdout, found.stderr, found.done, found.exit_code) == (b"one two", b"", True, -1)
    running = received(f'<rsp:CommandState CommandId="c" State="{SHELL}/CommandState/Running"/>')
    assert (running.done, running.exit_code) == (False, None)


def test_a_command_that_was_stopped_may_end_without_an_exit_code():
    stopped = received(f'<rsp:CommandState CommandId="c" State="{SHELL}/CommandState/Done"/>')
    assert (stopped.done, stopped.exit_code) == (True, None)
