"""Talks to a QMP server with QEMU's own client: client.py SOCKET. Prints "done" when all was as it must be."""
import asyncio
import sys

from qemu.qmp import ExecuteError, QMPClient


async def refused(client, command, arguments, error_class, text):
    try:
        await client.execute(command, arguments)
    except ExecuteError as error:
        assert error.error_class == error_class, error.error_class
        assert str(error) == text, str(error)
    else:
        raise AssertionError(command + " was not refused")


async def main(path):
    client = QMPClient("test")
    await client.connect(path)
    greeting = client.greeting
    assert "oob" in greeting.QMP.capabilities
    assert greeting.QMP.version["qemu"]["major"] == 10

    status = await client.execute("query-status")
    assert status == {"running": True, "status": "running"}, status
    await refused(client, "nope", None, "CommandNotFound", "The command nope has not been found")
    await refused(client, "migrate", {"bogus": 1}, "GenericError", "Parameter 'bogus' is unexpected")
    await refused(client, "yank", {"instances": [{"type": "chardev", "id": "no"}]}, "DeviceNotFound",
                  "Instance not found")
    await client.execute("query-yank", oob=True)
    text = await client.execute("query-qmp-schema")
    assert any(entry["name"] == "migrate" for entry in text)

    with client.listener(("STOP", "RESUME")) as events:
        for command in ("stop", "cont"):
            await client.execute(command)
        for name in ("STOP", "RESUME"):
            event = await asyncio.wait_for(events.get(), 60)
            assert event["event"] == name and event["timestamp"]["seconds"] > 0, event

    # Many at once, each answered under its own id.
    answers = await asyncio.gather(*(client.execute("query-version") for _ in range(50)))
    assert all(answer["qemu"]["major"] == 10 for answer in answers)

    with client.listener("SHUTDOWN") as events:
        await client.execute("quit")
        event = await asyncio.wait_for(events.get(), 60)
        assert event["data"] == {"guest": False, "reason": "host-qmp-quit"}, event
    try:
        await client.disconnect()
    except EOFError:
        pass
    print("done")


asyncio.run(main(sys.argv[1]))
