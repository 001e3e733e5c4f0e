"""One portal over HTTP: connections, retries, quotas, and every failure as a typed error.

It knows nothing of the APIs: their clients are built on it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import partial
from threading import Event
from typing import Literal, TypeVar

import httpx

from dataelec_assets import __version__
from dataelec_assets.errors import (
    DeadlinePassed,
    IncompleteExport,
    PortalUnreachable,
    QuotaExceeded,
    SourceError,
    UnexpectedContent,
)
from dataelec_assets.portals import pacing, retries
from dataelec_assets.portals.certificates import trusted
from dataelec_assets.portals.deadline import Line, TimeUp
from dataelec_assets.portals.error_replies import QUOTA_CODES, Quota, explain, fault_of, quota_of
from dataelec_assets.portals.fair_limit import NoTurn, turns_at
from dataelec_assets.portals.options import ConnectionOptions, root_of
from dataelec_assets.portals.retries import Transient
from dataelec_assets.portals.signing import SigningTransport, direct_transport, spellings
from dataelec_assets.portals.streams import ERROR_BODY, BrokenBody, NotData, TooLarge, read_some

T = TypeVar("T")

# Advice for failures that waiting does not cure.
_UNREACHABLE = (
    "Check the portal's address and the network (proxy, firewall); "
    "the last good state is kept and stays served; run `dataelec refresh` again later."
)
_CERTIFICATE = (
    "Set SSL_CERT_FILE when a proxy of your organisation signs the traffic; certificates are always verified."
)


class Connection:
    """Connections to one portal, shared by several threads.

    Args:
        base_url: root of the portal.
        options: how it is asked.

    Attributes:
        base_url: root of the portal, without a trailing slash.
        timeouts: of each attempt.
        quota: calls left for this user or domain, as last announced; None as long as the portal announced none.
        dataset_quotas: calls left by data set, where the portal announces that.

    Raises:
        SettingsError: the address or the key cannot be used.
    """

    def __init__(self, base_url: str, options: ConnectionOptions | None = None) -> None:
        options = options or ConnectionOptions()
        self.base_url = root_of(base_url)
        self.timeouts = options.timeouts
        self.quota: Quota | None = None
        self.dataset_quotas: dict[str, Quota] = {}
        self._hidden = spellings([options.header_key() or "", *options.secrets.values()])
        self._policy = options.retries
        self._cancelled = Event()
        self._sleep = options.sleep or self._wait
        self._turns = turns_at(self.base_url, options.max_connections)
        self._budget = pacing.budget_at(self.base_url, options.limits)
        self._spent: QuotaExceeded | None = None
        self._http = self._open(options)
        self._line = Line(options.deadline, self._cancelled.set)

    def _open(self, options: ConnectionOptions) -> httpx.Client:
        """Return a client of the HTTP library."""
        headers = {"Accept-Encoding": "gzip", "User-Agent": f"dataelec/{__version__}"}
        if key := options.header_key():
            headers["Authorization"] = f"Apikey {key}"
        most, transport = options.max_connections, options.transport
        limits = httpx.Limits(max_connections=most, max_keepalive_connections=most)
        if options.secrets:
            inner = transport or direct_transport(self.base_url, limits)
            transport = SigningTransport(self.base_url, options.secrets, inner)
        return httpx.Client(
            headers=headers,
            verify=trusted(),
            # httpx drops a header's key when another host answers; a redirect might repeat a parameter in its address.
            follow_redirects=not options.secrets,
            limits=limits,
            transport=transport,
            # A proxy of the environment cannot reach this machine's own loopback.
            mounts={f"all://{host}": None for host in ("127.0.0.1", "localhost", "[::1]")},
        )

    def close(self) -> None:
        """Close the connections."""
        self._line.close()
        self.cancel()
        self._http.close()

    def cancel(self) -> None:
        """End all waits, cut what is under way and retry no more."""
        self._cancelled.set()
        self._line.cut()

    def _wait(self, seconds: float) -> None:
        self._cancelled.wait(seconds)

    def ask(
        self,
        url: str,
        parameters: Mapping[str, str],
        use: Callable[[httpx.Response], T],
        *,
        dataset_id: str,
        silence: float,
        broken: type[IncompleteExport | PortalUnreachable] = PortalUnreachable,
        method: Literal["GET", "HEAD"] = "GET",
        weight: float = 1.0,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """Send a request, again if need be, until its reply could be used.

        When the portal's minute is used up, by us or by others at our address, the next one is waited for: no attempt
        is lost by that.

        Args:
            url: address without parameters.
            parameters: of the request; no secret among them.
            use: reads the reply, whose body is not read yet. It may raise ``NotData`` and ``BrokenBody``.
            dataset_id: for messages.
            silence: longest wait for the next byte, in seconds.
            broken: the error when the body broke in every attempt.
            method: ``HEAD`` for the headers alone.
            weight: of the call, where the portal weighs them.
            headers: further ones of the request; a ``Range`` is of the bytes as they are stored.

        Raises:
            SourceError: see the tree in ``dataelec_assets.errors``.
        """
        request = self._http.build_request(
            method,
            url,
            params=dict(parameters) or None,
            headers={**headers, "Accept-Encoding": "identity"} if headers else None,
            # No time limit on waiting for a connection: that wait is the polite limit, not a fault.
            timeout=httpx.Timeout(silence, connect=self.timeouts.connect, pool=None),
            extensions={"trace": self._line.follow},
        )
        shown = str(request.url)
        unreachable = partial(PortalUnreachable, dataset_id=dataset_id, request=shown)
        cut = partial(broken, dataset_id=dataset_id, request=shown)

        def attempt() -> T:
            began = False
            self._wait_for_budget(weight, dataset_id, shown)
            try:
                with self._turns.turn(self, self._cancelled.is_set):
                    response = self._http.send(request, stream=True)
                    try:
                        self._check(response, dataset_id, shown)
                        began = True
                        return use(response)
                    finally:
                        response.close()
            except NotData as error:
                raise self._not_data(error, dataset_id, shown) from error
            except BrokenBody as error:
                raise Transient(str(error), cut) from error
            except httpx.TimeoutException as error:
                raise self._timed_out(error, silence, dataset_id, shown) from error
            except (httpx.ConnectError, httpx.ProxyError) as error:
                raise self._no_connection(error, dataset_id, shown) from error
            except httpx.TooManyRedirects as error:
                raise UnexpectedContent("redirected in circles", dataset_id=dataset_id, request=shown) from error
            except (NoTurn, TimeUp) as error:
                raise Transient("called off", unreachable) from error
            except httpx.RequestError as error:
                reason = f"the connection broke ({self.scrubbed(str(error)) or type(error).__name__})"
                raise Transient(reason, cut if began else unreachable) from error

        try:
            used = self._granted(attempt, dataset_id, shown)
        except SourceError as error:
            self._require_time(dataset_id, shown, error)
            raise
        # When the length is unknown, a connection that was cut looks like the end of the body.
        self._require_time(dataset_id, shown)
        return used

    def _granted(self, attempt: Callable[[], T], dataset_id: str, shown: str) -> T:
        """Return what an attempt returns, made again in the next minute as often as the portal's clock wants it."""
        while True:
            self._refuse_when_spent(dataset_id, shown)
            try:
                return retries.call(attempt, self._policy, sleep=self._sleep, cancelled=self._cancelled)
            except pacing.LimitReached as limit:
                self._budget.close(limit.until)

    def _wait_for_budget(self, weight: float, dataset_id: str, shown: str) -> None:
        """Wait until the portal's clock has room for a call.

        Raises:
            QuotaExceeded: it has none for longer than a refresh should stand still.
            PortalUnreachable: the work was called off.
        """
        while (until := self._budget.take(weight)) is not None:
            pause = until - pacing.now()
            if pause > pacing.LONGEST_PAUSE:
                raise QuotaExceeded(
                    "not asked: what the portal grants to one address is used up",
                    dataset_id=dataset_id,
                    request=shown,
                    reset_at=until,
                )
            if self._cancelled.is_set():
                raise PortalUnreachable("called off", dataset_id=dataset_id, request=shown)
            # A little later than the clock says: its own may be behind, and all who wait would come at once.
            self._sleep(max(pause.total_seconds(), 0.0) + random.uniform(0, 1))  # noqa: S311 - no secret is drawn

    def _require_time(self, dataset_id: str, shown: str, cause: SourceError | None = None) -> None:
        """Raise when the time is up."""
        if self._line.is_over:
            raise DeadlinePassed(
                f"stopped after {self._line.seconds:,.0f} s, the time that one source has in a refresh",
                dataset_id=dataset_id,
                request=shown,
            ) from cause

    def _check(self, response: httpx.Response, dataset_id: str, shown: str) -> None:
        """Note the quota, and raise the error that a status other than 2xx stands for."""
        self.quota = quota_of(response.headers) or self.quota
        own = quota_of(response.headers, "X-RateLimit-dataset-")
        if own:
            self.dataset_quotas[dataset_id] = own
        if response.is_success:
            return
        fault = fault_of(
            response.status_code,
            response.headers,
            self.scrubbed(read_some(response.iter_bytes(), ERROR_BODY).decode("utf-8", errors="replace")).encode(),
            dataset_id=dataset_id,
            request=shown,
            longest_retry_after=self._policy.longest_retry_after,
        )
        if isinstance(fault, QuotaExceeded) and not (own and own.remaining == 0):
            self._spent = fault  # of the user or domain: it holds for every data set
        raise fault

    def _refuse_when_spent(self, dataset_id: str, shown: str) -> None:
        """Do not send a call that the portal has already said it will refuse: to all, or for one data set."""
        own = self.dataset_quotas.get(dataset_id)
        resets = {
            "the portal's quota of calls": self._spent.reset_at if self._spent else None,
            "the data set's quota of calls": own.reset_at if own and own.remaining == 0 else None,
        }
        for quota, reset_at in resets.items():
            if reset_at is not None and reset_at > pacing.now():
                raise QuotaExceeded(
                    f"not asked: {quota} is used up", dataset_id=dataset_id, request=shown, reset_at=reset_at
                )

    def _not_data(self, error: NotData, dataset_id: str, shown: str) -> SourceError | Transient:
        """Return the error for a page or an error object that came with a status of success."""
        if isinstance(error, TooLarge):
            return UnexpectedContent(str(error), dataset_id=dataset_id, request=shown)
        said = explain(error.body)
        message = self.scrubbed(str(error))
        if said.code in QUOTA_CODES:
            return QuotaExceeded(message, dataset_id=dataset_id, request=shown, reset_at=said.reset_at)
        return Transient(message, partial(UnexpectedContent, dataset_id=dataset_id, request=shown))

    def _timed_out(self, error: httpx.TimeoutException, silence: float, dataset_id: str, shown: str) -> Transient:
        if isinstance(error, httpx.ConnectTimeout):
            reason = f"no connection to {self.base_url} within {self.timeouts.connect:g} s"
        else:
            reason = f"{self.base_url} stayed silent for {silence:g} s"
        return Transient(reason, partial(PortalUnreachable, dataset_id=dataset_id, request=shown, advice=_UNREACHABLE))

    def _no_connection(self, error: httpx.RequestError, dataset_id: str, shown: str) -> SourceError | Transient:
        reason = f"no connection to {self.base_url}: {self.scrubbed(str(error)) or type(error).__name__}"
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return PortalUnreachable(reason, dataset_id=dataset_id, request=shown, advice=_CERTIFICATE)
        return Transient(reason, partial(PortalUnreachable, dataset_id=dataset_id, request=shown, advice=_UNREACHABLE))

    def scrubbed(self, text: str) -> str:
        """Return ``text`` without the keys, in case a portal or a library echoed them."""
        for spelling in self._hidden:
            text = text.replace(spelling, "***")
        return text
