"""The delivery worker: hands each message of an outbox to its port, once, and again only where that is safe.

It knows neither service: outbox, keys and ports are handed to it. Any number of workers may share one outbox.
"""

import logging
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.delivery.claims import Claim, Claims
from app.delivery.message import Channel
from app.delivery.outbox import OutboxTables, unseal
from app.delivery.ports import DeliveryError, PermanentError, Port, Reason, TemporaryError, UncertainError
from app.storage.keyring import Keyring, KeyringError

POLL_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Patience:
    """How long the worker goes on. `delays` are the pauses before the second, third, … attempt; then it gives up.

    A code is worth nothing after `code_life` (SP 800-63B-4 §3.1.3.2: at most ten minutes), and is then not sent any
    more. A claim older than `claim_life` belongs to a worker that died; a port takes less time than that.
    """

    delays: tuple[timedelta, ...] = tuple(timedelta(seconds=pause) for pause in (2, 10, 60, 300, 1800, 7200))
    code_life: timedelta = timedelta(minutes=10)
    claim_life: timedelta = timedelta(seconds=60)


@dataclass(frozen=True)
class Worker:
    """One service's deliverer. A channel without a port fails its messages for good, with the reason `no_port`."""

    engine: Engine
    tables: OutboxTables
    keyring: Keyring
    ports: Mapping[Channel, Port]
    patience: Patience = field(default_factory=Patience)
    now: Callable[[], datetime] = clock.now

    def run(self, stop: threading.Event, poll: float = POLL_SECONDS) -> None:
        """Deliver until `stop` is set; what is being handed over then is finished first.

        A database that is away does not end the worker: it asks again, ever more seldom.
        """
        pause = poll
        while not stop.wait(pause):
            try:
                self.drain(stop)
                pause = poll
            except SQLAlchemyError as error:
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                log.warning("the outbox cannot be read", extra={"cause": type(error).__name__, "pause": pause})

    def drain(self, stop: threading.Event | None = None) -> int:
        """Hand over everything that is due now. Returns how many messages were handed to a port or given up."""
        claims = Claims(self.engine, self.tables)
        now = self.now()
        died_before = now - self.patience.claim_life
        if not claims.waiting(now, died_before):
            return 0
        claims.release(now, died_before)
        handled = 0
        while not (stop and stop.is_set()) and (claim := claims.take(self.now())):
            self._deliver(claims, claim)
            handled += 1
        return handled

    def _deliver(self, claims: Claims, claim: Claim) -> None:
        try:
            self._hand_over(claim)
        except DeliveryError as error:
            self._settle(claims, claim, error)
        else:
            claims.sent(claim, self.now())

    def _hand_over(self, claim: Claim) -> None:
        if claim.kind == "code" and self.now() - claim.created_at > self.patience.code_life:
            raise PermanentError(Reason.EXPIRED)
        port = self.ports.get(claim.channel)
        if port is None:
            raise PermanentError(Reason.NO_PORT)
        try:
            message = unseal(self.keyring, claim.id, claim.channel, claim.kind, claim.body)
        except KeyringError as error:
            # Keys can be put right; what they seal would be lost if we gave up at once.
            raise TemporaryError(Reason.UNREADABLE) from error
        try:
            port.send(message)
        except DeliveryError:
            raise
        except Exception as error:
            log.warning("a port failed", extra={"message_id": claim.id, "cause": type(error).__name__})
            raise UncertainError(Reason.UNEXPECTED) from error

    def _settle(self, claims: Claims, claim: Claim, error: DeliveryError) -> None:
        at = self._next_attempt(claim, error)
        facts = {"message_id": claim.id, "channel": claim.channel, "reason": error.reason.value}
        if at is None:
            log.warning("a message was given up", extra=facts)
            claims.failed(claim, error.reason)
        else:
            log.info("a message will be tried again", extra=facts)
            claims.later(claim, error.reason, at)

    def _next_attempt(self, claim: Claim, error: DeliveryError) -> datetime | None:
        """When to try again, or None to give up."""
        if isinstance(error, PermanentError) or claim.attempts > len(self.patience.delays):
            return None
        if claim.kind == "code" and isinstance(error, UncertainError):
            return None
        at = self.now() + self.patience.delays[claim.attempts - 1]
        if claim.kind == "code" and at - claim.created_at > self.patience.code_life:
            return None
        return at


def stop_on_signals() -> threading.Event:
    """An event that is set by SIGTERM or SIGINT. Call it in the worker's main thread, before other threads start."""
    stop = threading.Event()
    # A thread waits for the signals rather than a handler: a handler that sets the very event its thread is
    # waiting on can deadlock.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    threading.Thread(target=_wait_and_set, args=(stop,), name="stop-signals", daemon=True).start()
    return stop


def _wait_and_set(stop: threading.Event) -> None:
    signal.sigwait(STOP_SIGNALS)
    stop.set()
