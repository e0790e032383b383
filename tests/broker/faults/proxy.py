"""A bad way to the broker: a proxy that delays, throttles and cuts."""

import asyncio
import random
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from flows.embedded.apache_kafka import HOST

Result = TypeVar("Result")
CHUNK = 16 * 1024
WAITING = 64
"""Chunks under way in one direction."""


@dataclass(frozen=True, slots=True)
class Weather:
    """What happens to each connection."""

    delay: float = 0.0
    """Seconds that every byte is under way, in each direction."""
    rate: float | None = None
    """Bytes a second in each direction."""
    lifetime: tuple[float, float] | None = None
    """Each connection is cut after a random number of seconds between these."""
    first_cut: int | None = None
    """However short they live: the first over which so many bytes came from the client is cut there."""


class Proxy:
    """Carries bytes between the clients of one port and a server on another; counts those that came from clients."""

    def __init__(self, port: int, target: int, weather: Weather) -> None:
        """Begin in the loop of the caller's choice with `open`."""
        self._port, self._target, self._weather = port, target, weather
        self._chance = random.Random(7)  # noqa: S311 - no secret
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._closed = False
        self.connections, self.cuts, self.carried = 0, 0, 0

    async def open(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._serve, HOST, self._port)

    async def close(self) -> None:
        """Cut everything."""
        self._closed = True
        if self._server is not None:
            self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # A task that was cancelled before it began, or at its end, has not aborted everything.
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.sleep(0.05)

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._closed:
            writer.transport.abort()
            return
        self._writers.add(writer)
        task = asyncio.ensure_future(self._carry(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            from_server, to_server = await asyncio.open_connection(HOST, self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers.add(to_server)
        ways = [
            asyncio.ensure_future(self._way(reader, to_server, from_client=True)),
            asyncio.ensure_future(self._way(from_server, writer)),
        ]
        try:
            done, _ = await asyncio.wait(ways, timeout=self._lifetime(), return_when=asyncio.FIRST_COMPLETED)
            self.cuts += not done
        finally:
            writer.transport.abort()
            to_server.transport.abort()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    def _lifetime(self) -> float | None:
        if self._weather.lifetime is None:
            return None
        return self._chance.uniform(*self._weather.lifetime)

    async def _way(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, from_client: bool = False
    ) -> None:
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(WAITING)
        # Where one of them ends with an error, the other must not be left over.
        async with asyncio.TaskGroup() as group:
            group.create_task(self._take(reader, queue, from_client=from_client))
            group.create_task(self._give(queue, writer))

    async def _take(
        self, reader: asyncio.StreamReader, queue: asyncio.Queue[tuple[float, bytes]], *, from_client: bool
    ) -> None:
        now, first_cut = asyncio.get_running_loop().time, self._weather.first_cut
        taken = 0
        while data := await reader.read(CHUNK):
            taken += len(data)
            self.carried += len(data) * from_client
            if from_client and first_cut is not None and taken > first_cut and not self.cuts:
                self.cuts += 1
                break
            await queue.put((now() + self._weather.delay, data))
        await queue.put((now(), b""))

    async def _give(self, queue: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        now = asyncio.get_running_loop().time
        while True:
            due, data = await queue.get()
            if not data:
                return
            await asyncio.sleep(max(0.0, due - now()))
            if self._weather.rate is not None:
                await asyncio.sleep(len(data) / self._weather.rate)
            writer.write(data)
            await writer.drain()


@contextmanager
def proxy(port: int, target: int, weather: Weather) -> Iterator[Proxy]:
    """Run a proxy in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    made = Proxy(port, target, weather)
    try:
        run(made.open())
        yield made
    finally:
        run(made.close())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
